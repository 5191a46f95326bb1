package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"vpsops/internal/config"
)

// program is what every command has around it.
type program struct {
	environ config.Environ
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer

	insistence func() // ends heedInsistence; nil before it was called
}

// rootFor has the command that the arguments call. An assistant waits for mcp to
// start, and to make all the others is a hundredth of that.
func rootFor(p *program, args []string) *cobra.Command {
	if len(args) == 0 || args[0] != "mcp" {
		return newRoot(p)
	}
	root, mcp := bareRoot(p), mcpCommand(p)
	mcp.Args = noArguments
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(mcp)
	return root
}

// bareRoot is the program without its commands.
func bareRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "vpsops",
		Short: "Manage VPS.org servers by talking, with a human in front of everything destructive",
		Long: `vpsops lets people and AI assistants manage VPS.org servers by talking.
Reading is free. What changes, interrupts or deletes a server waits for a
person's yes, on a page that no assistant can click.

Settings are environment variables; "vpsops doctor" says whether they fit.`,
		Example: `  vpsops serve --sandbox     try everything against a simulated API
  vpsops mcp                 serve an assistant over stdio
  vpsops doctor              check the settings`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(flagFault)
	return root
}

func newRoot(p *program) *cobra.Command {
	root := bareRoot(p)
	root.AddCommand(
		serveCommand(p), mcpCommand(p), consoleCommand(p), sandboxCommand(p), loginCommand(p),
		doctorCommand(p), healthcheckCommand(p), versionCommand(p),
	)
	for _, c := range root.Commands() {
		c.Args = noArguments
	}
	root.AddCommand(policyCommand(p), tokenCommand(p), passkeyCommand(p), requestsCommand(p), auditCommand(p), ledgerCommand(p))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Example, c.Args = "  vpsops help console", knownTopic
		case "completion":
			completionExamples(c)
		}
	}
	groupOfCommands(root)
	return root
}

// completionExamples completes what cobra makes for the shells.
func completionExamples(completion *cobra.Command) {
	completion.Example = "  source <(vpsops completion bash)"
	examples := map[string]string{
		"bash":       "  vpsops completion bash > /etc/bash_completion.d/vpsops",
		"fish":       "  vpsops completion fish > ~/.config/fish/completions/vpsops.fish",
		"powershell": "  vpsops completion powershell | Out-String | Invoke-Expression",
		"zsh":        "  vpsops completion zsh > \"${fpath[1]}/_vpsops\"",
	}
	for _, shell := range completion.Commands() {
		shell.Example, shell.Args = examples[shell.Name()], noArguments
	}
	groupOfCommands(completion)
}

// groupOfCommands makes a command show its help where none of those below it
// is named.
func groupOfCommands(c *cobra.Command) {
	c.SuggestionsMinimumDistance = 2
	c.Args, c.RunE = knownCommand, func(c *cobra.Command, _ []string) error { return c.Help() }
}

// knownCommand is met by what is no command's name.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q; \"%s --help\" lists those there are", args[0], c.CommandPath())
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		text = fmt.Sprintf("there is no command %q: did you mean %q?", args[0], near[0])
	}
	return &usageError{errors.New(text)}
}

// knownBeforeHelp finds what is no command's name beside a flag that asks for help:
// cobra gives help before it looks at anything else.
func knownBeforeHelp(root *cobra.Command, args []string) error {
	isHelp := func(arg string) bool { return arg == "-h" || arg == "--help" }
	if !slices.ContainsFunc(args, isHelp) || slices.Contains([]string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, args[0]) {
		return nil
	}
	c, rest, err := root.Find(args)
	if err != nil || !c.HasSubCommands() {
		return nil //nolint:nilerr // told when the command is run
	}
	return knownCommand(c, slices.DeleteFunc(slices.Clone(rest), isHelp))
}

// knownTopic is met by what "help" is asked about and is no command.
func knownTopic(c *cobra.Command, args []string) error {
	if about, rest, err := c.Root().Find(args); err == nil {
		return knownCommand(about, rest)
	}
	return knownCommand(c.Root(), args)
}

func noArguments(c *cobra.Command, args []string) error {
	if err := cobra.NoArgs(c, args); err != nil {
		return &usageError{err}
	}
	return nil
}
