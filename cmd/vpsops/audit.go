package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vpsops/policy/ledger"
)

func auditCommand(p *program) *cobra.Command {
	return family("audit", "Read, prove and export the audit trail",
		"Read the audit trail, prove that nothing in it was changed, and export it as JSON\nlines.",
		"  vpsops audit tail\n  vpsops audit verify\n  vpsops audit export > trail.jsonl",
		auditTailCommand(p), auditVerifyCommand(p), auditExportCommand(p))
}

func auditTailCommand(p *program) *cobra.Command {
	var filter ledger.EventFilter
	c := &cobra.Command{
		Use:     "tail",
		Short:   "Print the newest rows",
		Example: "  vpsops audit tail --limit 100\n  vpsops audit tail --server 12345",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkLimit(filter.Limit); err != nil {
				return err
			}
			return p.records(c.Context(), func(core *core, l *ledger.SQL) error {
				return l.Read(c.Context(), func(tx ledger.ReadTx) error {
					if err := core.known(tx, subject{server: filter.ServerID, request: filter.RequestID, person: filter.Person}); err != nil {
						return err
					}
					rows, err := tx.Trail(filter)
					if err != nil {
						return err
					}
					return writeTrail(p.stdout, rows, len(core.cfg.Accounts) > 1)
				})
			})
		},
	}
	f := c.Flags()
	f.IntVar(&filter.Limit, "limit", 20, "the newest so many; 0 for all")
	f.StringVar(&filter.RequestID, "request", "", "only rows about this request")
	f.StringVar(&filter.ServerID, "server", "", "only rows about the server with this id")
	f.StringVar(&filter.Person, "person", "", "only what this person did")
	return c
}

func auditVerifyCommand(p *program) *cobra.Command {
	var checkpoints []string
	c := &cobra.Command{
		Use:   "verify [EXPORT]",
		Short: "Prove the trail, or say which row is the first bad one",
		Long: `Go through the whole trail, or one that was exported ("-" reads it from standard
input): that every row follows from the one before it, that the clock went forwards,
and that nothing was carried out without its votes or twice. The ledger's requests
and votes are held against it. Exit 0 only if all was checked and nothing is wrong.

A checkpoint that was kept elsewhere (each is in the log) shows that no tail was
cut off: give it with --checkpoint.

Checkpoints are held against the key: VPSOPS_KEY or, where that isn't set, the file
vpsops.key beside the ledger. Without one the rest is verified all the same, and what
was not is said.`,
		Example: "  vpsops audit verify\n  vpsops audit verify --checkpoint 'vpsops-checkpoint-1 …' trail.jsonl",
		Args:    atMostOneFile,
		RunE: func(c *cobra.Command, args []string) error {
			return p.auditVerify(c.Context(), args, checkpoints)
		},
	}
	c.Flags().StringArrayVar(&checkpoints, "checkpoint", nil, "a checkpoint's line; may be given several times")
	return c
}

func (p *program) auditVerify(ctx context.Context, args, lines []string) error {
	var o ledger.VerifyOptions
	for _, line := range lines {
		checkpoint, err := ledger.ParseCheckpoint(strings.TrimSpace(line))
		if err != nil {
			return &usageError{err}
		}
		o.Checkpoints = append(o.Checkpoints, checkpoint)
	}
	if len(args) == 1 { // an export wants no ledger
		return p.verifyExport(ctx, args[0], o)
	}
	return p.records(ctx, func(c *core, l *ledger.SQL) error {
		found, err := l.Verify(ctx, o)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "the ledger is %s\n", c.storeName())
		return writeReport(p.stdout, found, c)
	})
}

func (p *program) verifyExport(ctx context.Context, path string, o ledger.VerifyOptions) error {
	keeper, err := p.recordReader(ctx)
	if err != nil {
		return err
	}
	if keeper.keyed() {
		o.Keys = []ed25519.PublicKey{ledger.CheckpointKey(keeper.key)}
	}
	from := p.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return &usageError{err}
		}
		defer f.Close()
		from = f
	}
	found, err := ledger.VerifyExport(from, o)
	if err != nil {
		return err
	}
	if found.Rows == 0 && found.OK() { // a disk that was full leaves an empty file
		return errors.New("there is no row in it, and so nothing that could be proved: no trail is empty")
	}
	return writeReport(p.stdout, found, keeper)
}

// writeReport says what was found, and what could not be without a key.
func writeReport(w io.Writer, r ledger.Report, c *core) error {
	for _, f := range r.Faults {
		fmt.Fprintf(w, "FAULT  %s\n", f)
	}
	if r.More > 0 {
		fmt.Fprintf(w, "and %d more\n", r.More)
	}
	fmt.Fprintf(w, "%s (%d to %d), %s, %s carried out, last hash %s\n",
		counted(int(r.Rows), "row", "rows"), r.First, r.Last, counted(r.Checkpoints, "checkpoint", "checkpoints"), counted(r.Executions, "request", "requests"), r.Hash)
	for _, grant := range slices.Sorted(maps.Keys(r.Unsafe)) {
		fmt.Fprintf(w, "without anybody's yes, by unsafe_allow of the grant %s: %s\n", grant, counted(r.Unsafe[grant], "request", "requests"))
	}
	c.sayUnsigned(w)
	if !r.OK() {
		return errSilent
	}
	if r.Unchecked > 0 {
		fmt.Fprintf(w, "not checked: %s given, of a row that retention took away; give one of a row that is there\n", counted(r.Unchecked, "checkpoint", "checkpoints"))
	}
	if !c.keyed() || r.Unchecked > 0 { // what was left out must not pass for what went well
		fmt.Fprintln(w, "nothing is wrong in what was checked")
		return errSilent
	}
	fmt.Fprintln(w, "nothing is wrong")
	return nil
}

// sayUnsigned says what a verification without a key leaves open: anybody can sign
// a checkpoint, or the row of a retention, with a key of their own.
func (c *core) sayUnsigned(w io.Writer) {
	if !c.keyed() {
		fmt.Fprintln(w, "not checked: who signed the trail's checkpoints, since there is no key here; set VPSOPS_KEY_FILE to the vpsops.key that stands beside its ledger, or VPSOPS_KEY as it is there")
	}
}

func auditExportCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "export [FILE]",
		Short:   "Write the whole trail as JSON lines",
		Example: "  vpsops audit export > trail.jsonl",
		Args:    atMostOneFile,
		RunE: func(c *cobra.Command, args []string) error {
			return p.toFile(args, func(w io.Writer) error {
				return p.records(c.Context(), func(_ *core, l *ledger.SQL) error { return l.Export(c.Context(), w) })
			})
		},
	}
}

// toFile writes to a new file of the first argument's name, or to standard
// output. What failed half way leaves no file.
func (p *program) toFile(args []string, write func(io.Writer) error) error {
	if len(args) == 0 || args[0] == "-" {
		return write(p.stdout)
	}
	f, err := createNew(args[0])
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(args[0]))
	}
	return nil
}

// createNew makes a file that only its owner reads, and overwrites none.
func createNew(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}
