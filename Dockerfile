# syntax=docker/dockerfile:1
# .ci/steps/image runs these steps without a container engine: keep the paths in RUN relative to the WORKDIR.

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
# 65532 is nonroot. A new volume takes over the owner of the folder it is mounted on.
COPY --from=build --chown=65532:65532 /src/out/data /data
ENV DATA_DIR=/data
# An upload waits on the volume while it is worked on: a /tmp in memory would not be counted.
ENV TMPDIR=/data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/bookplate", "healthcheck"]
ENTRYPOINT ["/bookplate"]
