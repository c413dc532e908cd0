package labtest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/mo"
)

const taggedFleet = `{"datacenters": 2, "hosts_per_cluster": 1,
	"pools": [{"name": "shop", "parent": "cluster-02", "vapp": true, "folder": "Prod/Web"}],
	"guests": [
		{"name": "a-%d", "count": 2, "tags": "Env/Prod"},
		{"name": "b", "pool": "shop", "tags": ["Env/Prod", "Team/A/B"]},
		{"name": "c", "pool": "cluster-02", "folder": "Prod"}]}`

// govmomi's own client of the REST API reads what the scenario says.
func TestTags(t *testing.T) {
	lab := startLab(t, taggedFleet)
	ctx := context.Background()
	client := rest.NewClient(lab.login())
	if err := client.Login(ctx, url.UserPassword(lab.ready.Username, "wrong")); err == nil {
		t.Error("a wrong password is taken")
	}
	check(t, client.Login(ctx, url.UserPassword(lab.ready.Username, lab.ready.Password)))
	manager := tags.NewManager(client)
	categories, err := manager.GetCategories(ctx)
	check(t, err)
	names := map[string]string{}
	for _, vm := range lab.truth() {
		names[vm.Moref] = vm.Name
	}
	var found []string
	for _, category := range categories {
		ids, err := manager.ListTagsForCategory(ctx, category.ID)
		check(t, err)
		for _, id := range ids {
			tag, err := manager.GetTag(ctx, id)
			check(t, err)
			objects, err := manager.ListAttachedObjects(ctx, id)
			check(t, err)
			var vms []string
			for _, object := range objects {
				if object.Reference().Type == "VirtualMachine" {
					vms = append(vms, names[object.Reference().Value])
				}
			}
			sort.Strings(vms)
			found = append(found, fmt.Sprintf("%s/%s %v", category.Name, tag.Name, vms))
		}
	}
	if got, want := strings.Join(found, "; "), "Env/Prod [a-1 a-2 b]; Team/A/B [b]"; got != want {
		t.Errorf("%s instead of %s", got, want)
	}
	check(t, client.Logout(ctx))
	if _, err := manager.ListTags(ctx); err == nil {
		t.Error("tags are told without a session")
	}
}

// The newer form of the API answers without wrapping, and not at all on older servers.
func TestTagsByAge(t *testing.T) {
	for api, want := range map[string]string{"api": "201 200", "rest": "404 200", "none": "404 404"} {
		lab := startLab(t, fmt.Sprintf(`{"vcenter": {"automation_api": %q}}`, api))
		client := lab.login()
		got := ""
		for _, path := range []string{"/api/session", "/rest/com/vmware/cis/session"} {
			where := client.URL()
			where.Path = path
			request, err := http.NewRequest(http.MethodPost, where.String(), nil)
			check(t, err)
			request.SetBasicAuth(lab.ready.Username, lab.ready.Password)
			answer, err := client.Client.Client.Do(request)
			check(t, err)
			answer.Body.Close()
			got += fmt.Sprintf(" %d", answer.StatusCode)
		}
		if got != " "+want {
			t.Errorf("%s:%s instead of %s", api, got, want)
		}
	}
}

func TestDatacentersAndVApps(t *testing.T) {
	lab := startLab(t, taggedFleet)
	client := lab.login()
	var datacenters []mo.Datacenter
	fetch(t, client, "Datacenter", &datacenters, "name")
	if len(datacenters) != 2 || datacenters[0].Name == datacenters[1].Name {
		t.Errorf("datacenters %+v", datacenters)
	}
	var vms []mo.VirtualMachine
	fetch(t, client, "VirtualMachine", &vms, "name", "parent", "parentVApp", "resourcePool")
	for _, vm := range vms {
		if vm.Name != "b" {
			if vm.Parent == nil || vm.ParentVApp != nil {
				t.Errorf("%s: %v %v", vm.Name, vm.Parent, vm.ParentVApp)
			}
			continue
		}
		if vm.Parent != nil || vm.ParentVApp == nil || *vm.ResourcePool != *vm.ParentVApp {
			t.Fatalf("%s: %v %v", vm.Name, vm.Parent, vm.ParentVApp)
		}
		var app mo.VirtualApp
		var folder mo.Folder
		collector := property.DefaultCollector(client)
		check(t, collector.RetrieveOne(context.Background(), *vm.ParentVApp, []string{"parentFolder"}, &app))
		check(t, collector.RetrieveOne(context.Background(), *app.ParentFolder, []string{"name"}, &folder))
		if folder.Name != "Web" {
			t.Errorf("the vApp is in %s", folder.Name)
		}
	}
	if len(vms) != 4 {
		t.Errorf("%d VMs", len(vms))
	}
}
