package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// document runs what a reader of one of our documents would type, in their order and
// in a folder of their own: the blocks of sh of a Markdown file, and the commands at
// the head of a file of deploy's. vpsops is the program itself, and stands where the
// document put it, if it builds it. Of what is no part of us only the names are known:
// make's targets and variables are looked up, and the like of docker and kubectl run
// vpsops where they are to.
func cmdDocument(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "document FILE")
	root, err := filepath.Abs("../..")
	ts.Check(err)
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(args[0])))
	ts.Check(err)
	folder, err := os.MkdirTemp(ts.Getenv("WORK"), "document")
	ts.Check(err)
	layTools(ts, root, folder)
	if !ofTheCheckout.Match(text) {
		_, err := runIn(ts, folder, "make build; install bin/vpsops /usr/local/bin/; vpsops policy init --for team policy.yaml")
		ts.Check(err)
	}
	blocks := blocksOf(string(text))
	if filepath.Ext(args[0]) != ".md" {
		layDeploy(ts, root, folder)
		blocks = []string{headOf(string(text))}
	}
	for _, block := range blocks {
		said, err := runIn(ts, folder, block)
		worldOf(ts).heard(args[0], said)
		if err != nil {
			ts.Fatalf("%s: %v\n%s\n%s", args[0], err, block, said)
		}
	}
}

// ofTheCheckout is how a document names the program that it has built first; others
// find it installed.
var ofTheCheckout = regexp.MustCompile(`(?m)(^|\s|\.\./)bin/vpsops`)

// blocksOf are the fenced blocks of sh.
func blocksOf(text string) (blocks []string) {
	var block strings.Builder
	within := false
	for line := range strings.Lines(text) {
		switch {
		case !within && strings.TrimSpace(line) == "```sh":
			within = true
			block.Reset()
		case within && strings.TrimSpace(line) == "```":
			within = false
			blocks = append(blocks, block.String())
		case within:
			block.WriteString(line)
		}
	}
	return blocks
}

// session finds the session at the console that a document shows: $COMMAND is what is
// typed at its prompt, $SHOWN matches what is shown then, whatever the request is
// called and the time it takes.
func cmdSession(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "session FILE")
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(args[0])))
	ts.Check(err)
	_, rest, found := strings.Cut(string(text), "```\n$ bin/vpsops console --sandbox\nvps> ")
	session, _, ended := strings.Cut(rest, "\n```")
	typed, shown, answered := strings.Cut(session, "\n")
	if !found || !ended || !answered {
		ts.Fatalf("%s shows no session", args[0])
	}
	shown = strings.Replace(shown, "Type yes to do this, or no: yes\n", "", 1) // asked on standard error
	ts.Setenv("COMMAND", typed)
	ts.Setenv("SHOWN", ofItsTime.ReplaceAllString(regexp.QuoteMeta(shown), `[\w ]+`))
}

var ofItsTime = regexp.MustCompile(`req_\w+|\b\d+ days|\b\d+ min|\b\d+s\b`)

// headOf are the indented lines of the comment that a file begins with.
func headOf(text string) string {
	var head strings.Builder
	for line := range strings.Lines(text) {
		command, indented := strings.CutPrefix(line, "#   ")
		switch {
		case indented:
			head.WriteString(command)
		case !strings.HasPrefix(line, "#"):
			return head.String()
		}
	}
	return head.String()
}

// ofTheMachine are the folders that a document names and that are here in its own.
var ofTheMachine = []string{"/etc/vpsops", "/etc/systemd/system", "/usr/local/bin", "/var/lib"}

func inFolder(folder, text string) string {
	for _, path := range ofTheMachine {
		text = strings.ReplaceAll(text, path, folder+path)
	}
	return text
}

// layDeploy lays the files that are deployed.
func layDeploy(ts *testscript.TestScript, root, folder string) {
	for _, pattern := range []string{"*.yaml", "*/*.yaml", "*/*.service"} {
		files, err := filepath.Glob(filepath.Join(root, "deploy", pattern))
		ts.Check(err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			ts.Check(err)
			to := filepath.Join(folder, strings.TrimPrefix(file, root))
			ts.Check(os.MkdirAll(filepath.Dir(to), 0o755))
			ts.Check(os.WriteFile(to, []byte(inFolder(folder, string(text))), 0o600))
		}
	}
}

// layTools makes the folder that comes first in PATH, and a user's token.
func layTools(ts *testscript.TestScript, root, folder string) {
	tools := filepath.Join(folder, ".tools")
	for _, path := range append(ofTheMachine, ".tools", "bin", "deploy") {
		ts.Check(os.MkdirAll(filepath.Join(folder, path), 0o755))
	}
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("HOME"), ".vps-token"), []byte(canary+"\n"), 0o600))
	vpsops, err := exec.LookPath("vpsops")
	ts.Check(err)
	script := func(name, text string) {
		text = strings.NewReplacer("@root@", root, "@folder@", folder, "@vpsops@", vpsops, "@up@", vpsops+"-until-up '"+vpsops+"'", "@fetch@", filepath.Join(filepath.Dir(vpsops), "fetch")).Replace(text)
		ts.Check(os.WriteFile(filepath.Join(tools, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700))
	}
	// What would serve on serves until it is up, and ends.
	script("built", `case "$1" in serve|sandbox) exec @up@ "$@";; esac; exec '@vpsops@' "$@"`)
	script("make", aMake)
	script("docker", aDocker)
	script("kubectl", aKubectl)
	script("systemctl", aSystemctl)
	script("systemd-run", intoTheService)
	script("editor", anEditor)
	script("openssl", "head -c 32 /dev/urandom | base64")
	script("curl", `exec @fetch@ "$@"`)
	script("sudo", `exec "$@"`)
	for _, name := range []string{"claude", "code", "journalctl", "git", "psql", "createdb"} {
		script(name, "exit 0")
	}
}

// What stands for programs that are no part of us. A document's block of several
// lines ends with the first that fails.
const (
	aMake = `for t; do case "$t" in
*=*) grep -Eq "^${t%%=*} *(\?=|:=)" '@root@/Makefile' || { echo "there is no variable ${t%%=*}" >&2; exit 1; };;
build) cp '@folder@/.tools/built' '@folder@/bin/vpsops';;
*) grep -q "^$t:" '@root@/Makefile' || { echo "there is no target $t" >&2; exit 1; };;
esac; done`

	// Everything up to the program's path is about where it is to run.
	intoTheService = `while [ $# -gt 0 ]; do
	case "$1" in VPSOPS_PERSON=*) export "$1";; /*/vpsops | /vpsops) shift; exec '@vpsops@' "$@";; esac
	shift
done
echo "what is to be run?" >&2; exit 1`

	aDocker = `case " $* " in
*" exec "*) ` + intoTheService + `;;
*" up "*) [ ! -e secrets ] && exit 0
	# The user in the container is another.
	unreadable=$(find secrets/* policy.yaml ! -perm -o=r)
	[ -z "$unreadable" ] || { echo "nobody can read $unreadable" >&2; exit 1; }
	[ "$(stat -c %a secrets)" = 700 ] || { echo "everybody can read the secrets" >&2; exit 1; }
	grep -q '^postgres://vpsops:.*@' secrets/store
	export VPSOPS_POLICY=policy.yaml VPSOPS_KEY_FILE=secrets/key VPS_API_TOKEN= VPS_API_TOKEN_FILE=secrets/api-token VPSOPS_PERSON=nobody
	export VPSOPS_LISTEN=:0 VPSOPS_STORE="$PWD/its.db" $(cat .env)
	exec @up@ serve;;
esac`

	aKubectl = `case " $* " in
*" exec "*) ` + intoTheService + `;;
*" create secret "*) from="${*##*--from-file=}"; for file in api-token key store; do [ -s "$from/$file" ] || exit 1; done;;
*" apply -k "*) grep -q '^kind: Kustomization' "${*##*-k }/kustomization.yaml";;
esac`

	// A unit is started by what stands in it. Its user is nobody of the policy.
	aSystemctl = `case "$1" in enable|restart) ;; *) exit 0;; esac
cd '@folder@/etc/systemd/system'; [ -e vpsops.service ] || exit 0
mkdir -p '@folder@/var/lib/vpsops'
export VPSOPS_PERSON=vpsops VPS_API_TOKEN= $(sed -n 's/^Environment=//p' vpsops.service | sed 's,%d,@folder@/etc/vpsops,') $(cat '@folder@/etc/vpsops/vpsops.env')
exec @up@ $(sed -n 's/^ExecStart=[^ ]*//p' vpsops.service)`

	// The reader puts a token's line where it belongs, in the place of ana's.
	anEditor = `line=$('@vpsops@' token new --person ana 2>&1 | grep -o '{id.*}')
sed -i "s/^  ana: {\(tokens: .*\|.*\)}\$/  ana: {local: [ana], tokens: [$line]}/" "$1"`
)

func runIn(ts *testscript.TestScript, folder, block string) (string, error) {
	ctx, cancel := patiently()
	defer cancel()
	c := exec.CommandContext(ctx, "sh", "-euc", inFolder(folder, block))
	c.Dir, c.WaitDelay = folder, time.Second
	path := []string{filepath.Join(folder, ".tools"), filepath.Join(folder, "usr/local/bin"), withoutProgram(ts)}
	c.Env = append(environ(ts), "PATH="+strings.Join(path, string(os.PathListSeparator)))
	for _, name := range []string{"ADMIN", "REQUEST", "KEY_FILE", "NEW_STORE"} {
		c.Env = append(c.Env, name+"="+ts.Getenv(name))
	}
	said, err := c.CombinedOutput()
	return string(said), err
}

// withoutProgram is PATH without the folder that this test's programs are in.
func withoutProgram(ts *testscript.TestScript) string {
	vpsops, err := exec.LookPath("vpsops")
	ts.Check(err)
	return strings.Join(slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(folder string) bool {
		return folder == filepath.Dir(vpsops)
	}), string(os.PathListSeparator))
}

// untilUp is vpsops-until-up PROGRAM ARG…: it runs vpsops until its start screen
// stands, and ends as it does after a SIGTERM.
func untilUp() {
	c := exec.Command(os.Args[1], os.Args[2:]...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "health:") || strings.HasPrefix(lines.Text(), "requests:") {
			_ = c.Process.Signal(syscall.SIGTERM)
		}
	}
	if err := c.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fetch stands for curl: it gets its last argument.
func fetch() {
	resp, err := http.Get(os.Args[len(os.Args)-1])
	if err == nil {
		_, err = io.Copy(os.Stdout, resp.Body)
		_ = resp.Body.Close()
	}
	if err != nil || resp.StatusCode >= 400 {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(22)
	}
}
