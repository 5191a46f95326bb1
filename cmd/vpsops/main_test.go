package main

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"vpsops/internal/leaktest"
)

var update = flag.Bool("update", false, "write what the program says now into the stories that compare it")

// TestMain makes this test binary the program itself where it is run under the
// program's name, so that stories start real processes.
func TestMain(m *testing.M) {
	testscript.Main(noLeaks{m}, map[string]func(){"vpsops": func() { os.Exit(tidy(run())) }, "vpsops-until-up": untilUp, "fetch": fetch})
}

// noLeaks runs the tests and fails where they leave a goroutine behind.
type noLeaks struct{ *testing.M }

func (m noLeaks) Run() int { return tidy(m.M.Run()) }

// tidy is a process's exit code, or another one where goroutines of its outlive
// what it did.
func tidy(code int) int {
	if err := leaktest.Find(
		// A read of standard input or a terminal ends with the program, and nothing
		// ends it sooner.
		goleak.IgnoreAnyFunction("vpsops/tools.readLines"),
		goleak.IgnoreAnyFunction("vpsops/cmd/vpsops.(*lines).scan"),
		goleak.IgnoreAnyFunction("github.com/reeflective/readline.(*Shell).Readline"),
		goleak.IgnoreAnyFunction("github.com/reeflective/readline/internal/display.WatchResize.func1"),
		// The library waits for a collector longer than its Shutdown does.
		goleak.IgnoreAnyFunction("go.opentelemetry.io/otel/sdk/trace.(*batchSpanProcessor).drainQueue"),
		goleak.IgnoreAnyFunction("go.opentelemetry.io/otel/sdk/trace.(*batchSpanProcessor).Shutdown.func1.1"),
		// Connections that are kept for the next call live as long as the process.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
	); err != nil {
		fmt.Fprintln(os.Stderr, "LEAKED:", err)
		return 97
	}
	return code
}

// TestStories runs testdata/script: each story is named after what it
// protects. Its commands beside testscript's own are those below.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               newWorld,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// the program
			"exits":    cmdExits,    // exits CODE ARG…: run vpsops to its end
			"serve":    cmdServe,    // serve [ARG…]: start it; sets $MCP, $LISTEN, $PAGE, $SIGN_IN, $API, $HEALTH, $ADMIN
			"replica":  cmdReplica,  // replica NAME [ARG…]: the same, under another name, beside those that run
			"screen":   cmdScreen,   // screen NAME: prints its start screen
			"sandbox":  cmdSandbox,  // sandbox [ARG…]: start it; sets $API, $API_ADDRESS
			"ends":     cmdEnds,     // ends NAME [CODE]: SIGTERM, and exit 0 or that is wanted
			"signals":  cmdSignals,  // signals NAME SIGNAL…: have it get them all at once
			"gone":     cmdGone,     // gone NAME [CODE]: wait until it has ended by itself, with exit 0 or that
			"dies":     cmdDies,     // dies NAME: SIGKILL
			"token":    cmdToken,    // token FILE ARG…: run token new, put its line for TOKEN-LINE into FILE; sets $BEARER
			"issuer":   cmdIssuer,   // issuer FILE [VARIABLE]: an authorization server, its address put for ISSUER into FILE; sets $VPSOPS_OAUTH_ISSUER, or the variable
			"provider": cmdProvider, // provider ORIGIN: sign in on the page by the authorization server
			"access":   cmdAccess,   // access SCOPE…: sets $BEARER to an access token of its
			"hangup":   cmdHangup,   // hangup NAME: SIGHUP
			"busy":     cmdBusy,     // busy FILE: write into it over and over, to the story's end
			"says":     cmdSays,     // says NAME PATTERN: wait for it on stderr; sets $1 to its group
			"dated":    cmdDated,    // dated OFFSET: write a row into the ledger by a clock that is off by so much
			"orphan":   cmdOrphan,   // orphan REQUEST: give it its votes, and nobody who claims it
			"barred":   cmdBarred,   // barred yes|no: have the ledger take no write, or take them again
			"document": cmdDocument, // document FILE: run the commands that one of our documents shows
			// a terminal
			"terminal": cmdTerminal, // terminal answers|mute|dumb [ARG…]: start a console at one that says where its cursor is, never does, or edits no lines
			"keys":     cmdKeys,     // keys TEXT: type it, \r is Enter
			"shows":    cmdShows,    // shows PATTERN [VARIABLE]: wait for it, behind what was shown last; sets its group
			"leaves":   cmdLeaves,   // wait for the console's end: exit 0 and the terminal as it was are wanted
			"session":  cmdSession,  // session FILE: finds what one of them shows of the console; sets $COMMAND, $SHOWN
			// an MCP client
			"connect":   cmdConnect,   // connect stdio|http old|new yes|no|deaf [ARG…]: how it answers dialogs
			"tools":     cmdTools,     // prints the names of those offered
			"call":      cmdCall,      // [!] call TOOL JSON: sets $REQUEST and $SERVER; ! wants isError
			"begin":     cmdBegin,     // begin TOOL JSON: a call that "end" waits for
			"end":       cmdEnd,       // [!] end
			"flood":     cmdFlood,     // flood: call until the server refuses, say how, and go on until it is served again
			"dialogs":   cmdDialogs,   // dialogs N: how many the client has answered
			"subscribe": cmdSubscribe, // subscribe URI…: to these resources
			"told":      cmdTold,      // told METHOD [URI]: wait for a notification
			// a browser
			"link":   cmdLink,   // link [ORIGIN]: sets $LINK to the sign-in link on stdout, as if for there
			"grant":  cmdGrant,  // takes the link for a first passkey from stdout: sets $GRANT, $GRANT_PATH
			"signin": cmdSignIn, // [!] signin LINK: open it and press the button
			"page":   cmdPage,   // page PATH: prints the status and the page
			"vote":   cmdVote,   // [!] vote REQUEST approve|deny [TYPED-NAME]
			// plain HTTP
			"http":   cmdHTTP,   // http METHOD URL [-f HEADERS-FILE] [-H 'NAME: VALUE'…] [BODY]: prints the status and the body
			"ready":  cmdReady,  // ready HEALTH PATTERN: ask there how it stands until it says so, and print it as http does
			"counts": cmdCounts, // counts HEALTH PATTERN: the same of the metrics
			// a collector of traces
			"collector": cmdCollector, // collector: start it; sets $OTEL_EXPORTER_OTLP_ENDPOINT
			"spans":     cmdSpans,     // prints those it got, each with what it is within
			// a Slack
			"slack":   cmdSlack,   // slack: start it; sets the SLACK_ variables and $ROOM
			"deliver": cmdDeliver, // deliver [ORIGIN]: by HTTP to there, else by socket, once it is ready
			"types":   cmdTypes,   // [!] types PERSON LINE: in the channel; ! wants no acknowledgement
			"sees":    cmdSees,    // sees PERSON TEXT…: wait for a message with all of them, and print it
			"presses": cmdPresses, // [!] presses PERSON ACTION TEXT…: a button of that message
			// the simulated API
			"writes":  cmdWrites,  // prints the changing calls it received
			"reads":   cmdReads,   // prints the reading calls it received
			"admin":   cmdAdmin,   // admin METHOD PATH [BODY]: drive it, under /_sandbox
			"reaches": cmdReaches, // reaches METHOD PATH: wait until it has received this
		},
	})
}
