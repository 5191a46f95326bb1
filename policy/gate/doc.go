// Package gate is the only code that may change a server.
//
// A front end asks; the policy decides; people vote; the gate claims the
// request, looks at the server once more, and sends one call, once. A front
// end holds a [Desk] (it may ask, and hand in its own dialog's answer for the
// asker) or a [Ballot] (it may also hand in a person's vote), and never the
// [Gate] itself.
package gate
