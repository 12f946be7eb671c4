# syntax=docker/dockerfile:1
# .ci/steps/image runs these steps without a container engine, so paths in RUN must be relative to WORKDIR.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
ARG VERSION
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w ${VERSION:+-X main.version=$VERSION}" -o out/bookplate . \
    && mkdir out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /src/out/bookplate /bookplate
# 65532 is the user nonroot. A new volume gets the owner of the folder that it is mounted on.
COPY --from=build --chown=65532:65532 /src/out/data /data
ENV DATA_DIR=/data
# Uploads are buffered on the volume: COVER_MEMORY does not include files of a /tmp in memory.
ENV TMPDIR=/data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/bookplate", "healthcheck"]
ENTRYPOINT ["/bookplate"]
