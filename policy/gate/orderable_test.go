package gate_test

import (
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func order(plan int64, location string) gate.Operation {
	return gate.Operation{Action: policy.Create, Create: &vpsapi.CreateServerParams{
		Name: "new-1", PlanID: vpsapi.NumberID(plan), OSID: vpsapi.NumberID(6), Location: location,
	}}
}

// planSays has the API answer for plan 1 with these members beside its price.
func planSays(members string) sandbox.Fault {
	return sandbox.Fault{
		Match: sandbox.Match{Path: "/api/v1/plans/1/"}, Kind: sandbox.KindStatus, Status: 200,
		Body: `{"id": 1, "name": "Standard VPS", "price_monthly": "12.00", ` + members + `}`,
	}
}

// What the API would likely refuse is asked for all the same, and whoever confirms
// it is told.
func TestAPlanOrALocationThatCannotBeHadIsWarnedOf(t *testing.T) {
	const noPrice = "the price of this plan cannot be read"
	noPlans := []sandbox.Fault{
		{Match: sandbox.Match{Path: "/api/v1/plans/*"}, Kind: sandbox.KindStatus, Status: 403},
		{Match: sandbox.Match{Path: "/api/v1/plans/"}, Kind: sandbox.KindStatus, Status: 403},
	}
	for name, tt := range map[string]struct {
		op     gate.Operation
		faults []sandbox.Fault
		want   []string
	}{
		"as offered":               {order(1, "us-west"), nil, nil},
		"no such plan":             {order(999, "us-west"), nil, []string{noPrice, "no plan has the id 999"}},
		"not sold":                 {order(8, "us-west"), nil, []string{"this plan is not sold now"}},
		"nothing said of its sale": {order(1, "us-west"), []sandbox.Fault{planSays(`"locations": ["us-west"]`)}, nil},
		"null said of its sale":    {order(1, "us-west"), []sandbox.Fault{planSays(`"locations": ["us-west"], "available": null`)}, nil},
		"said not to be sold":      {order(1, "us-west"), []sandbox.Fault{planSays(`"locations": ["us-west"], "available": false`)}, []string{"this plan is not sold now"}},
		"not offered there":        {order(4, "us-east"), nil, []string{`this plan is not offered in "us-east", but in us-west, eu-central`}},
		"no such place":            {order(1, "us-wst"), nil, []string{`no plan is offered in "us-wst", and no server stands there; the nearest location is us-west`}},
		"nowhere near":             {order(1, "mars"), nil, []string{`no plan is offered in "mars", and no server stands there`}},
		"a place in disguise":      {order(1, "us-west\u200b"), nil, []string{`no plan is offered in "us-west\\u{200b}", and no server stands there; the nearest location is us-west`}},
		"everything wrong":         {order(999, "us-wst"), nil, []string{noPrice, "no plan has the id 999", `no plan is offered in "us-wst", and no server stands there; the nearest location is us-west`}},
		"plans hidden":             {order(1, "us-west"), noPlans, []string{noPrice}},
		"plans hidden, no server":  {order(1, "us-wst"), noPlans, []string{noPrice, `no server stands in "us-wst", and the plans cannot be read; the nearest location is us-west`}},
		"only this plan is hidden": {order(1, "us-west"), noPlans[:1], []string{noPrice}},
		"the list alone is hidden": {order(4, "us-east"), noPlans[1:], []string{`this plan is not offered in "us-east", but in us-west, eu-central`}},
		"plans are not there at all": {order(1, "us-west"), []sandbox.Fault{
			{Match: sandbox.Match{Path: "/api/v1/plans/*"}, Kind: sandbox.KindStatus, Status: 404}, {Match: sandbox.Match{Path: "/api/v1/plans/"}, Kind: sandbox.KindStatus, Status: 404},
		}, []string{noPrice}},
	} {
		inWorld(t, func(w *world) {
			w.faults(tt.faults...)
			v := w.ask(tt.op)
			w.is(v, ledger.Pending, gate.OutcomePending)
			if !slices.Equal(v.Shown.Warnings, tt.want) {
				t.Errorf("%s: warns of %q, want %q", name, v.Shown.Warnings, tt.want)
			}
			w.sent()
		})
	}
}

// What is as it should be costs no read more.
func TestAnOrderThatIsAsOfferedListsNoPlans(t *testing.T) {
	inWorld(t, func(w *world) {
		w.ask(order(1, "us-west"))
		for _, r := range w.sandbox.Requests() {
			if strings.HasSuffix(r.Path, "/plans/") {
				t.Errorf("the plans were listed: %s %s", r.Method, r.Path)
			}
		}
	})
}

// A warning is no refusal: what people confirm is sent, and the API has its say.
func TestAPlanThatIsWarnedOfMayBeOrdered(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.approve("ana", w.ask(order(8, "us-west")))
		w.sent("POST /servers/")
		w.is(v, ledger.Failed, gate.OutcomeFailed)
	})
}
