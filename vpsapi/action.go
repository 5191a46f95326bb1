package vpsapi

// ActionResult is the API's answer to a start, stop or reboot: it took the command. The server is then on its way; see
// [Reader.WaitForStatus] for its arrival.
type ActionResult struct {
	Status  string       `json:"status"` // "success"
	Message string       `json:"message"`
	Server  ActionServer `json:"server"`
}

// ActionServer is the server of an [ActionResult].
type ActionServer struct {
	ID     ID     `json:"id"`
	Name   string `json:"name"`
	Status Status `json:"status"` // such as "starting"
}
