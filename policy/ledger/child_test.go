package ledger_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

// childVariable makes the test binary another process of a test: it says what
// to do and with which ledger.
const childVariable = "LEDGER_TEST_CHILD"

// beChild does what the process was started for, if it is a child, and ends.
func beChild() {
	if os.Getenv(childVariable) == "" {
		return
	}
	what, dsn, _ := strings.Cut(os.Getenv(childVariable), " ")
	l, err := ledger.Open(context.Background(), dsn, ledger.Options{Key: key, CheckpointRows: 50})
	if err == nil {
		switch what {
		case "claim":
			err = childClaims(l)
		case "write":
			err = childWrites(l)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is another process, to which lines are written and from which they
// are read.
type child struct {
	*exec.Cmd
	in  io.Writer
	out *bufio.Scanner
}

func startChild(t testing.TB, what, dsn string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0])}
	c.Env = append(os.Environ(), childVariable+"="+what+" "+dsn)
	c.Stderr = os.Stderr
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	if err := errors.Join(err1, err2, c.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	c.in, c.out = in, bufio.NewScanner(out)
	return c
}

func (c *child) line(t testing.TB) string {
	t.Helper()
	if !c.out.Scan() {
		t.Fatalf("the other process has ended: %v", c.out.Err())
	}
	return c.out.Text()
}

const (
	budget = 3
	rounds = 5
	claims = 16 // at once, in each of two processes
)

// childClaims waits for each round's name, claims, and says how many were
// granted.
func childClaims(l *ledger.SQL) error {
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		granted, err := claimAtOnce(l, in.Text())
		if err != nil {
			return err
		}
		fmt.Println(granted)
	}
	return in.Err()
}

func claimAtOnce(l ledger.Ledger, key string) (int64, error) {
	var all sync.WaitGroup
	var granted atomic.Int64
	errs := make([]error, claims)
	for i := range claims {
		all.Go(func() {
			var took bool
			errs[i] = l.Write(context.Background(), func(tx ledger.Tx) error {
				took = false
				used, _, err := tx.Used(key, epoch)
				if err != nil || used >= budget {
					return err
				}
				took = true
				if err := tx.AddUse(ledger.Use{Key: key, RequestID: rowID(i), Count: 1, At: epoch}); err != nil {
					return err
				}
				return tx.Audit(ledger.Event{At: epoch, Kind: "claim"})
			})
			if took && errs[i] == nil {
				granted.Add(1)
			}
		})
	}
	all.Wait()
	return granted.Load(), errors.Join(errs...)
}

func TestABudgetHoldsOverProcesses(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		two := []*child{startChild(t, "claim", dsn), startChild(t, "claim", dsn)}
		for _, c := range two {
			c.line(t)
		}
		for round := range rounds {
			for _, c := range two {
				fmt.Fprintln(c.in, "round", round)
			}
			granted := 0
			for _, c := range two {
				n, err := strconv.Atoi(c.line(t))
				if err != nil {
					t.Fatal(err)
				}
				granted += n
			}
			if granted != budget {
				t.Errorf("round %d: %d were granted of a budget of %d", round, granted, budget)
			}
		}
		if r := verify(t, l, ledger.VerifyOptions{}); !r.OK() || r.Rows < rounds*budget {
			t.Errorf("%+v", r)
		}
	})
}

// childWrites tells requests' ways for ever, and says after each transaction
// where the trail has got to.
func childWrites(l *ledger.SQL) error {
	for i := 0; ; i++ {
		err := l.Write(context.Background(), func(tx ledger.Tx) error {
			id := fmt.Sprintf("req_%d_%d", os.Getpid(), i)
			r := ledger.Request{ID: id, State: ledger.Pending, CreatedAt: time.Now(), Operation: []byte(`{}`), Shown: []byte(`{}`)}
			if err := tx.Insert(r); err != nil {
				return err
			}
			return tx.Audit(ledger.Event{At: time.Now(), Kind: "ask", RequestID: id})
		})
		if err != nil {
			return err
		}
		err = l.Read(context.Background(), func(tx ledger.ReadTx) error {
			newest, err := tx.Events(1)
			if err == nil {
				fmt.Println(newest[0].Seq)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
}

func TestAKillLeavesATrailThatHolds(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		for kill := range 6 {
			c := startChild(t, "write", dsn)
			var committed int64
			for range 20 + 7*kill {
				var err error
				if committed, err = strconv.ParseInt(c.line(t), 10, 64); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait() // it was killed
			l := openAt(t, dsn, ledger.Options{Key: key})
			r := verify(t, l, ledger.VerifyOptions{})
			mustHold(t, r)
			if r.Last < committed {
				t.Errorf("row %d was committed, and the trail ends at %d", committed, r.Last)
			}
			read(t, l, func(tx ledger.ReadTx) error {
				requests, err := tx.Requests(ledger.Filter{})
				rows, err2 := tx.Trail(ledger.EventFilter{Kinds: []string{"ask"}})
				if len(requests) != len(rows) {
					t.Errorf("%d requests, and %d rows that say so", len(requests), len(rows))
				}
				return errors.Join(err, err2)
			})
		}
	})
}
