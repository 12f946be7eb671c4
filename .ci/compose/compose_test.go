// Package compose checks the compose files against the compose specification and against what the documentation says.
package compose

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const (
	onMongoDB = "docker-compose.yml"
	onSQLite  = "docker-compose.sqlite.yml"
)

// load reads a compose file as `docker compose` does with these environment variables, each written NAME=value. The
// test fails if the file has unknown keys or refers to something that is not defined.
func load(t *testing.T, file string, variables ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../" + file}, cli.WithoutEnvironmentResolution, cli.WithEnv(variables))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// eachAPI calls check with the service api of each compose file.
func eachAPI(t *testing.T, check func(t *testing.T, api types.ServiceConfig)) {
	t.Helper()
	for _, file := range []string{onSQLite, onMongoDB} {
		t.Run(file, func(t *testing.T) { check(t, load(t, file).Services["api"]) })
	}
}

func TestServices(t *testing.T) {
	for file, want := range map[string][]string{onSQLite: {"api"}, onMongoDB: {"api", "mongo"}} {
		if names := load(t, file).ServiceNames(); !slices.Equal(names, want) {
			t.Errorf("%s has the services %v, want %v", file, names, want)
		}
	}
}

func TestAPIIsBuiltHereAndPublished(t *testing.T) {
	eachAPI(t, func(t *testing.T, api types.ServiceConfig) {
		if api.Build == nil || api.Image != "" {
			t.Error("api must be built from this checkout")
		}
		if len(api.Ports) != 1 || api.Ports[0].Published != "5000" || api.Ports[0].Target != 5000 {
			t.Errorf("api publishes %+v, want 5000:5000 and nothing else", api.Ports)
		}
	})
}

func TestPortIsPublished(t *testing.T) {
	api := load(t, onMongoDB, "PORT=8080").Services["api"]
	if api.Ports[0].Published != "8080" || api.Ports[0].Target != 5000 || *api.Environment["PORT"] != "5000" {
		t.Errorf("with PORT=8080, api listens on %s and publishes %+v, want 8080:5000", *api.Environment["PORT"], api.Ports)
	}
}

func TestSettingsReachTheAPI(t *testing.T) {
	eachAPI(t, func(t *testing.T, api types.ServiceConfig) {
		if len(api.EnvFiles) != 1 || filepath.Base(api.EnvFiles[0].Path) != ".env" || api.EnvFiles[0].Required {
			t.Errorf("api reads %+v, want .env if there is one", api.EnvFiles)
		}
	})
}

func TestAPIHasFewRights(t *testing.T) {
	eachAPI(t, func(t *testing.T, api types.ServiceConfig) {
		if !api.ReadOnly || len(api.Tmpfs) != 0 {
			t.Error("api must have a read-only root and no tmpfs: COVER_MEMORY does not include uploads in memory")
		}
		if !slices.Contains(api.SecurityOpt, "no-new-privileges:true") || !slices.Contains(api.CapDrop, "ALL") {
			t.Error("api must have no capabilities and gain none")
		}
	})
}

func TestSQLiteIsOnTheVolume(t *testing.T) {
	setting := load(t, onSQLite).Services["api"].Environment["DATABASE_URL"]
	if setting == nil || *setting != "sqlite:/data/bookplate.db" {
		t.Errorf("DATABASE_URL is %v, want a file in /data", setting)
	}
}

func TestDatabaseURLMatchesReplicaSet(t *testing.T) {
	services := load(t, onMongoDB).Services
	setting := services["api"].Environment["DATABASE_URL"]
	if setting == nil {
		t.Fatal("api has no DATABASE_URL")
	}
	database, err := url.Parse(*setting)
	if err != nil {
		t.Fatal(err)
	}
	if database.Scheme != "mongodb" || database.Hostname() != "mongo" {
		t.Errorf("api's database is %s, want the mongo service", database)
	}
	name := database.Query().Get("replicaSet")
	mongo := services["mongo"]
	if i := slices.Index(mongo.Command, "--replSet"); i < 0 || i+1 == len(mongo.Command) || mongo.Command[i+1] != name {
		t.Errorf("mongo runs %v, want --replSet %s", mongo.Command, name)
	}
	check := strings.Join(mongo.HealthCheck.Test, " ")
	if !strings.Contains(check, "rs.initiate") || !strings.Contains(check, `"`+name+`"`) ||
		!strings.Contains(check, `"`+database.Host+`"`) {
		t.Errorf("mongo's health check must initiate %s with the member %s", name, database.Host)
	}
}

func TestAPIWaitsForMongo(t *testing.T) {
	services := load(t, onMongoDB).Services
	if condition := services["api"].DependsOn["mongo"].Condition; condition != types.ServiceConditionHealthy {
		t.Errorf("api starts when mongo is %q, want %q", condition, types.ServiceConditionHealthy)
	}
	if ports := services["mongo"].Ports; len(ports) != 0 {
		t.Errorf("mongo has no password but publishes %+v", ports)
	}
}

func TestDataOutlivesContainers(t *testing.T) {
	wantVolume(t, load(t, onSQLite), "api", "/data")
	wantVolume(t, load(t, onMongoDB), "api", "/data")
	wantVolume(t, load(t, onMongoDB), "mongo", "/data/db")
}

// wantVolume checks that a service stores a folder in a named volume.
func wantVolume(t *testing.T, project *types.Project, service, folder string) {
	t.Helper()
	volumes := project.Services[service].Volumes
	i := slices.IndexFunc(volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == folder })
	if i < 0 {
		t.Errorf("%s has no volume for %s", service, folder)
		return
	}
	if _, named := project.Volumes[volumes[i].Source]; volumes[i].Type != types.VolumeTypeVolume || !named {
		t.Errorf("%s keeps %s in %+v, want a named volume", service, folder, volumes[i])
	}
}
