package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"vpsops/policy/ledger"
)

func ledgerCommand(p *program) *cobra.Command {
	return family("ledger", "Back the ledger up, restore it, and prune it",
		`Back the ledger up and restore it, from SQLite or PostgreSQL into either, and take
away what is old. The audit trail is verified on the way, and stays one chain.`,
		"  vpsops ledger backup vpsops.backup\n  VPSOPS_KEY_FILE=vpsops.key VPSOPS_STORE=postgres://… vpsops ledger restore vpsops.backup",
		ledgerBackupCommand(p), ledgerRestoreCommand(p), ledgerPruneCommand(p))
}

func ledgerBackupCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "backup [FILE]",
		Short: "Write all that the ledger holds",
		Long: `Write all that the ledger holds, as of one moment, to FILE or standard output.
vpsops may run meanwhile. Keep it as safe as the ledger, and with it the key: VPSOPS_KEY
or, where that isn't set, the file vpsops.key that stands beside the ledger.`,
		Example: "  vpsops ledger backup vpsops-2026-11-24.backup",
		Args:    atMostOneFile,
		RunE: func(c *cobra.Command, args []string) error {
			said := p.stdout
			return p.toFile(args, func(w io.Writer) error {
				if w == p.stdout { // it holds the backup and nothing else
					said = p.stderr
				}
				return p.records(c.Context(), func(keeper *core, l *ledger.SQL) error {
					rows, err := l.Backup(c.Context(), w)
					if err == nil {
						fmt.Fprintf(said, "backed up %s of %s\n", counted(int(rows), "row", "rows"), keeper.storeName())
						keeper.sayUnsigned(said)
					}
					return err
				})
			})
		},
	}
}

func ledgerRestoreCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Fill an empty ledger with a backup",
		Long: `Fill the ledger of VPSOPS_STORE, which must be empty, with a backup. "-" reads standard
input.

The trail is verified with the key that it was signed with, and that vpsops goes on with:
VPSOPS_KEY of the vpsops that was backed up or, where it had none, the file vpsops.key that
stood beside its ledger. None is made.`,
		Example: "  VPSOPS_KEY_FILE=vpsops.key VPSOPS_STORE=/var/lib/vpsops/new.db vpsops ledger restore vpsops.backup",
		Args:    oneArgument,
		RunE:    func(c *cobra.Command, args []string) error { return p.restore(c.Context(), args[0]) },
	}
}

// cureKey is what to do where a restore has not the key that it needs.
const cureKey = "set VPSOPS_KEY_FILE to the vpsops.key that stood beside the ledger that was backed up, or VPSOPS_KEY as it was there"

func (p *program) restore(ctx context.Context, path string) error {
	// First: a wrong name shows without a key, and no key mends it.
	from, done, err := p.backupAt(path)
	if err != nil {
		return err
	}
	err = p.restoreFrom(ctx, from)
	return errors.Join(err, done())
}

// backupAt opens a backup that is to be read; done closes it.
func (p *program) backupAt(path string) (from io.Reader, done func() error, err error) {
	if path == "-" {
		return p.stdin, func() error { return nil }, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	return f, f.Close, nil
}

func (p *program) restoreFrom(ctx context.Context, from io.Reader) error {
	keeper, err := p.keylessKeeper(ctx)
	if err != nil {
		return err
	}
	if keeper.key, err = oldKey(keeper.cfg); errors.Is(err, fs.ErrNotExist) {
		return errors.New("a backup is restored with the key that its trail was signed with, and there is none here: " + cureKey)
	}
	if err != nil {
		return err
	}
	dsn, err := keeper.storeAddress()
	if err != nil {
		return err
	}
	err = ledger.Restore(ctx, dsn, from, ledger.Options{Key: keeper.key, Logger: keeper.logger})
	if trail := (*ledger.TrailError)(nil); errors.As(err, &trail) && trail.Fault.Kind == ledger.CheckpointFault {
		err = fmt.Errorf("%w; %s", err, cureKey)
	}
	if err == nil {
		fmt.Fprintf(p.stdout, "restored into %s\n", keeper.storeName())
	}
	return err
}

func ledgerPruneCommand(p *program) *cobra.Command {
	var before string
	c := &cobra.Command{
		Use:   "prune --before DATE",
		Short: "Take away what ended before a date",
		Long: `Take away audit rows, requests with their votes, and holds that ended before a date,
and budget use that no budget counts any more (after 366 days). What stays is still
proved by "vpsops audit verify": the trail then begins after a row whose hash a signed
row names. What is gone is gone: back the ledger up first.`,
		Example: "  vpsops ledger prune --before 2025-11-24",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			date, err := time.Parse(time.DateOnly, before)
			if err != nil || date.After(clock()) {
				return &usageError{errors.New("--before is a date that has passed, such as 2025-11-24")}
			}
			keeper, err := p.ledgerKeeper(c.Context())
			if err != nil {
				return err
			}
			return keeper.inLedger(c.Context(), func(_ *core, l *ledger.SQL) error {
				removed, err := l.Prune(c.Context(), date, clock())
				if err == nil {
					fmt.Fprintf(p.stdout, "%s taken away\n", counted(int(removed), "audit row", "audit rows"))
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&before, "before", "", "the first day that stays, in UTC")
	return c
}
