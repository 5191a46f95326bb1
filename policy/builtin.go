package policy

// Local is the policy of somebody who configured none: the one person at this
// machine may ask for anything. Reads and start are free; stop, reboot, create
// and update want the person's confirmation, for which the client's own dialog
// will do; a rename wants the person on the page, and a delete also the typed
// name.
func Local(person, osUser string) (*Policy, error) {
	return New(local(person, osUser))
}

func local(person, osUser string) Document {
	return Document{
		Version: 1,
		People:  map[string]Person{person: {Local: []string{osUser}}},
		Grants:  []Grant{{ID: "local", Who: []string{person}, Actions: Actions()}},
		Guards:  localGuards(),
	}
}

func localGuards() []Guard {
	return []Guard{
		{
			ID: "confirm", Why: "it interrupts a server, changes it, or spends",
			Actions: []Action{Create, Update, Stop, Reboot},
			Require: &Require{ConfirmAsker: true, Factor: Client},
		},
		{
			ID: "delete", Why: "a deleted server cannot be brought back",
			Actions: []Action{Delete},
			Require: &Require{ConfirmAsker: true, TypeName: true},
		},
	}
}

// ReadsOnly is the policy of a shared server that was given none: the person
// may look and nothing else.
func ReadsOnly(person, osUser string) (*Policy, error) {
	doc := local(person, osUser)
	doc.Grants = []Grant{{ID: "reads", Who: []string{Everyone}, Actions: []Action{List, Get}}}
	return New(doc)
}

// The demo's persons, of whom DemoPerson is whoever sits at this machine.
const (
	DemoPerson = "you"
	demoOther  = "sam"
)

// Demo is the policy of the simulated API: the local one for [DemoPerson],
// with a colleague who may be asked.
func Demo() (*Policy, error) {
	doc := local(DemoPerson, DemoPerson)
	doc.People[demoOther] = Person{Local: []string{demoOther}}
	return New(doc)
}
