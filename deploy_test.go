package grapnel_test

import (
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// composed is what the tests read of deploy/compose.yaml.
type composed struct {
	Services map[string]struct {
		Image string
		Build struct {
			Context    string
			Dockerfile string
		}
		Command     []string
		Deploy      struct{ Replicas int }
		Environment map[string]string
		User        string
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		DependsOn   any      `yaml:"depends_on"`
		Networks    []string
		Ports       []string
		Volumes     []string
	}
	Networks map[string]struct{ Internal bool }
	Volumes  map[string]any
}

func readCompose(t *testing.T) composed {
	t.Helper()
	var c composed
	if err := yaml.Unmarshal([]byte(read(t, "deploy/compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestComposeNamesSettings holds that the variables in deploy/compose.yaml are settings of the server.
func TestComposeNamesSettings(t *testing.T) {
	known := environment(t)
	environment := readCompose(t).Services["grapnel"].Environment
	for name := range environment {
		if _, ok := known[name]; !ok {
			t.Errorf("deploy/compose.yaml sets %s, which is no setting", name)
		}
	}
	if len(environment) < 5 {
		t.Errorf("the service grapnel has %d variables: the test does not see them", len(environment))
	}
}

// TestComposeHoldsTogether holds that the services, networks, volumes and files that
// deploy/compose.yaml names are there.
func TestComposeHoldsTogether(t *testing.T) {
	c := readCompose(t)
	for name, service := range c.Services {
		for _, other := range names(t, service.DependsOn) {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is no service", name, other)
			}
		}
		for _, network := range service.Networks {
			if _, ok := c.Networks[network]; !ok {
				t.Errorf("%s is in the network %s, which is not there", name, network)
			}
		}
		for _, volume := range service.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			if _, named := c.Volumes[from]; !named && !isFile(path.Join("deploy", from)) {
				t.Errorf("%s mounts %s, which is neither a volume nor a file of deploy", name, from)
			}
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") && name != "mongo-setup" {
			t.Errorf("%s may gain privileges", name)
		}
		if service.Build.Dockerfile != "" && !isFile(path.Join("deploy", service.Build.Context, service.Build.Dockerfile)) {
			t.Errorf("%s is built from %s, which is not there", name, service.Build.Dockerfile)
		}
		if strings.HasPrefix(name, "mongo") && (!slices.Equal(service.Networks, []string{"data"}) || len(service.Ports) > 0) {
			t.Errorf("%s, which asks for no password, can be reached from outside", name)
		}
	}
	if !c.Networks["data"].Internal {
		t.Error("the network of the databases reaches outside")
	}
	server := c.Services["grapnel"]
	if !server.ReadOnly || server.User == "" || strings.HasPrefix(server.User, "0") || !slices.Equal(server.CapDrop, []string{"ALL"}) {
		t.Errorf("the servers run as %q, with a read-only root %v, without the capabilities %v", server.User, server.ReadOnly, server.CapDrop)
	}
}

// TestComposeFindsMongo holds that the servers look for the replica set that the databases are.
func TestComposeFindsMongo(t *testing.T) {
	c := readCompose(t)
	address, err := url.Parse(c.Services["grapnel"].Environment["MONGO_URL"])
	if err != nil {
		t.Fatal(err)
	}
	set := address.Query().Get("replicaSet")
	script := read(t, "deploy/replica-set.js")
	if set == "" || !strings.Contains(script, "_id: '"+set+"'") {
		t.Errorf("MONGO_URL names the replica set %q, replica-set.js makes another", set)
	}
	hosts := strings.Split(address.Host, ",")
	if len(hosts) != 3 {
		t.Errorf("MONGO_URL names %d hosts, want 3", len(hosts))
	}
	for _, host := range hosts {
		at := slices.Index(c.Services[host].Command, "--replSet")
		if at < 0 || c.Services[host].Command[at+1] != set {
			t.Errorf("MONGO_URL names %s, which is no service of the replica set %s: %q", host, set, c.Services[host].Command)
		}
		if !strings.Contains(script, "host: '"+host+":27017'") {
			t.Errorf("replica-set.js does not take %s in", host)
		}
	}
}

// TestProxyFindsServers holds that the proxy looks for as many servers as there are, where they listen.
func TestProxyFindsServers(t *testing.T) {
	c := readCompose(t)
	server := c.Services["grapnel"]
	template := regexp.MustCompile(`(?m)^    server-template \w+ (\d+) (\w+):(\d+) `).FindStringSubmatch(read(t, "deploy/haproxy.cfg"))
	if template == nil {
		t.Fatal("deploy/haproxy.cfg has no line server-template")
	}
	if want := strconv.Itoa(server.Deploy.Replicas); template[1] != want || template[2] != "grapnel" || template[3] != server.Environment["PORT"] {
		t.Errorf("the proxy looks for %q; there are %s servers named grapnel at port %s", template[0], want, server.Environment["PORT"])
	}
	if server.Environment["HTTP_FORWARDED_COUNT"] != "1" {
		t.Error("the servers do not trust the one proxy in front of them")
	}
}

// TestDockerfile holds that the image is built by the language's version that go.mod names, of files
// that are there, and runs as nobody.
func TestDockerfile(t *testing.T) {
	file := read(t, "deploy/Dockerfile")
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if version == nil || !strings.Contains(file, "FROM golang:"+version[1]+"-") {
		t.Errorf("deploy/Dockerfile is not built by the Go of go.mod, %v", version)
	}
	for _, line := range []string{"FROM scratch", "USER 65532:65532", `ENTRYPOINT ["/grapnel"]`, "COPY go.mod go.sum ./", "EXPOSE 3000"} {
		if !strings.Contains(file, "\n"+line+"\n") {
			t.Errorf("deploy/Dockerfile has no line %q", line)
		}
	}
	if !strings.Contains(file, "CGO_ENABLED=0 go build ") || !strings.HasSuffix(strings.TrimSpace(lineWith(file, "go build ")), " ./cmd/grapnel") {
		t.Error("deploy/Dockerfile does not build a static ./cmd/grapnel")
	}
	embedded := map[string]bool{} // folders that the program does not build without
	for _, f := range goFiles(t) {
		top, _, _ := strings.Cut(f.folder, "/")
		embedded[top] = !underAny(f.folder, []string{"bench", "examples"})
	}
	for ignored := range strings.Lines(read(t, "deploy/Dockerfile.dockerignore")) {
		if name := strings.TrimSpace(ignored); embedded[name] {
			t.Errorf("deploy/Dockerfile.dockerignore leaves out %s, which the program is made of", name)
		}
	}
}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return ""
}

// names are those that a list holds, or the keys of a map.
func names(t *testing.T, v any) []string {
	t.Helper()
	var all []string
	switch v := v.(type) {
	case nil:
	case []any:
		for _, name := range v {
			all = append(all, name.(string))
		}
	case map[string]any:
		for name := range v {
			all = append(all, name)
		}
	default:
		t.Fatalf("depends_on is a %T", v)
	}
	return all
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
