// Package compose checks docker-compose.yml against the compose specification and the README.
package compose

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// load reads the file as `docker compose` does. It rejects unknown keys and dangling references.
func load(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../docker-compose.yml"}, cli.WithoutEnvironmentResolution)
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestServices(t *testing.T) {
	if names := load(t).ServiceNames(); !slices.Equal(names, []string{"api", "mongo"}) {
		t.Errorf("services are %v, want api and mongo", names)
	}
}

func TestAPIIsBuiltHereAndPublished(t *testing.T) {
	api := load(t).Services["api"]
	if api.Build == nil || api.Image != "" {
		t.Error("api must be built from this checkout")
	}
	if len(api.Ports) != 1 || api.Ports[0].Published != "5000" || api.Ports[0].Target != 5000 {
		t.Errorf("api publishes %+v, want 5000:5000 and nothing else", api.Ports)
	}
}

func TestAPIHasFewRights(t *testing.T) {
	api := load(t).Services["api"]
	if !api.ReadOnly || len(api.Tmpfs) != 0 {
		t.Error("api must have a read-only root and no tmpfs: COVER_MEMORY does not include uploads in memory")
	}
	if !slices.Contains(api.SecurityOpt, "no-new-privileges:true") || !slices.Contains(api.CapDrop, "ALL") {
		t.Error("api must have no capabilities and gain none")
	}
}

func TestDatabaseURLMatchesReplicaSet(t *testing.T) {
	services := load(t).Services
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
	services := load(t).Services
	if condition := services["api"].DependsOn["mongo"].Condition; condition != types.ServiceConditionHealthy {
		t.Errorf("api starts when mongo is %q, want %q", condition, types.ServiceConditionHealthy)
	}
	if ports := services["mongo"].Ports; len(ports) != 0 {
		t.Errorf("mongo has no password but publishes %+v", ports)
	}
}

func TestDataOutlivesContainers(t *testing.T) {
	project := load(t)
	for service, folder := range map[string]string{"api": "/data", "mongo": "/data/db"} {
		volumes := project.Services[service].Volumes
		i := slices.IndexFunc(volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == folder })
		if i < 0 {
			t.Errorf("%s has no volume for %s", service, folder)
			continue
		}
		if _, named := project.Volumes[volumes[i].Source]; volumes[i].Type != types.VolumeTypeVolume || !named {
			t.Errorf("%s keeps %s in %+v, want a named volume", service, folder, volumes[i])
		}
	}
}
