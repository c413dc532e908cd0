package vcenter

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"

	"github.com/google/uuid"

	"ballast/lab/inventory"
)

// Tagging is the part of vCenter's REST API that tells of tags: below /api, where values stand
// bare, and below /rest, where they are wrapped and ids are marked.
type Tagging struct {
	fleet *inventory.Fleet

	mu       sync.Mutex
	sessions map[string]bool
	logins   int64
}

func newTagging(f *inventory.Fleet) *Tagging {
	return &Tagging{fleet: f, sessions: map[string]bool{}}
}

// Counts gives the numbers of open sessions and of logins so far.
func (t *Tagging) Counts() (open int, logins int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.sessions), t.logins
}

// apiCall is a request in the words of both forms of the API.
type apiCall struct {
	resource string // "session", "tagging/tag"
	id       string
	action   string
	body     struct {
		CategoryID string `json:"category_id"`
	}
}

// Serve answers what is below /api and /rest.
func (t *Tagging) Serve(w http.ResponseWriter, r *http.Request) {
	api := t.fleet.Scenario.VCenter.AutomationAPI
	old := strings.HasPrefix(r.URL.Path, "/rest/")
	if api == "none" || (api == "rest" && !old) {
		http.NotFound(w, r)
		return
	}
	c, ok := readAPICall(r, old)
	if !ok {
		http.NotFound(w, r)
		return
	}
	session := r.Header.Get("vmware-api-session-id")
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case c.resource == "session" && r.Method == http.MethodPost:
		t.logIn(w, r, old)
	case !t.sessions[session]:
		refuse(w)
	case c.resource == "session" && r.Method == http.MethodDelete:
		delete(t.sessions, session)
		w.WriteHeader(http.StatusNoContent)
	default:
		answer, ok := t.answer(c)
		if !ok {
			http.NotFound(w, r)
			return
		}
		tell(w, http.StatusOK, answer, old)
	}
}

func readAPICall(r *http.Request, old bool) (apiCall, bool) {
	prefix, mark := "/api/cis/", "action"
	if r.URL.Path == "/api/session" {
		return apiCall{resource: "session"}, true
	}
	if old {
		prefix, mark = "/rest/com/vmware/cis/", "~action"
	}
	if !strings.HasPrefix(r.URL.Path, prefix) {
		return apiCall{}, false
	}
	c := apiCall{resource: strings.TrimPrefix(r.URL.Path, prefix), action: r.URL.Query().Get(mark)}
	parts := strings.SplitN(c.resource, "/", 3)
	if len(parts) == 3 {
		c.resource, c.id = parts[0]+"/"+parts[1], parts[2]
		if old != strings.HasPrefix(c.id, "id:") {
			return c, false
		}
		c.id = strings.TrimPrefix(c.id, "id:")
	}
	if r.ContentLength > 0 && json.NewDecoder(r.Body).Decode(&c.body) != nil {
		return c, false
	}
	return c, true
}

// logIn takes name and password by HTTP's basic authentication.
func (t *Tagging) logIn(w http.ResponseWriter, r *http.Request, old bool) {
	username, password, given := r.BasicAuth()
	known := t.fleet.Scenario.VCenter
	if !given || username != known.Username || password != known.Password {
		refuse(w)
		return
	}
	t.logins++
	key := uuid.New().String()
	t.sessions[key] = true
	status := http.StatusCreated
	if old {
		status = http.StatusOK
	}
	tell(w, status, key, old)
}

func refuse(w http.ResponseWriter) {
	tell(w, http.StatusUnauthorized, map[string]string{"error_type": "UNAUTHENTICATED"}, false)
}

func tell(w http.ResponseWriter, status int, value interface{}, wrapped bool) {
	if wrapped {
		value = map[string]interface{}{"value": value}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // if the client goes away there is nobody to tell
}

// tag is one that some VM has.
type tag struct {
	category, name string
	vms            []string
}

func categoryID(name string) string {
	return fmt.Sprintf("urn:vmomi:InventoryServiceCategory:%x:GLOBAL", name)
}

func (t *tag) id() string {
	return fmt.Sprintf("urn:vmomi:InventoryServiceTag:%x-%x:GLOBAL", t.category, t.name)
}

// tags are those of the scenario, in alphabetical order. Each is on a host, too, which is no VM.
func (t *Tagging) tags() []*tag {
	known := map[string]*tag{}
	var names []string
	for _, g := range t.fleet.Guests {
		for _, full := range g.Group.Tags {
			if known[full] == nil {
				category, name, _ := strings.Cut(full, "/")
				known[full] = &tag{category: category, name: name}
				names = append(names, full)
			}
			if !g.Current().Deleted {
				known[full].vms = append(known[full].vms, g.Ref.Value)
			}
		}
	}
	sort.Strings(names)
	all := make([]*tag, len(names))
	for i, name := range names {
		all[i] = known[name]
	}
	return all
}

// answer gives what the API does; false where there is no such thing.
func (t *Tagging) answer(c apiCall) (interface{}, bool) {
	tags := t.tags()
	ids := []string{}
	switch c.resource + " " + c.action {
	case "tagging/category ":
		for i, one := range tags {
			if i == 0 || tags[i-1].category != one.category {
				ids = append(ids, categoryID(one.category))
			}
			if c.id == categoryID(one.category) {
				return map[string]string{"id": c.id, "name": one.category}, true
			}
		}
		return ids, c.id == ""
	case "tagging/tag list-tags-for-category":
		for _, one := range tags {
			if categoryID(one.category) == c.body.CategoryID {
				ids = append(ids, one.id())
			}
		}
		return ids, true
	case "tagging/tag ":
		for _, one := range tags {
			if one.id() == c.id {
				return map[string]string{"id": c.id, "name": one.name, "category_id": categoryID(one.category)}, true
			}
		}
	case "tagging/tag-association list-attached-objects":
		for _, one := range tags {
			if one.id() == c.id {
				return t.objectsWith(one), true
			}
		}
	}
	return nil, false
}

func (t *Tagging) objectsWith(one *tag) []map[string]string {
	objects := []map[string]string{{"type": "HostSystem", "id": t.fleet.Hosts[0].Ref().Value}}
	for _, vm := range one.vms {
		objects = append(objects, map[string]string{"type": "VirtualMachine", "id": vm})
	}
	return objects
}
