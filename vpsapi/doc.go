// Package vpsapi is a client for the VPS.org REST API (https://admin.vps.org/api/v1).
//
// It has two halves that share nothing but their settings. A [Reader] lists and reads; it retries, shares flights and keeps
// connections. A [Writer] changes servers; it hands each request to the network once and never again. Whoever is given a Reader
// cannot change a server.
//
// # Reading
//
// Reads are repeated when that may help (a broken connection, no answer in time, 429, 5xx), at most four tries within the context's
// deadline or bound ([BoundReads]). Without one, an API that hangs is given up after a minute, and a list's page after two. An error
// of a read is therefore final for now:
//
//   - [*APIError] when the API answered no: look at it with errors.Is and [ErrUnauthorized], [ErrNotFound] and their siblings;
//   - [*ReadError] when no whole answer came;
//   - [*UnexpectedAnswerError] and [*ResponseTooLargeError] when what came is not the API's answer.
//
// Where its context ends between two tries, the last one's error is wrapped with the context's.
//
// # Writing
//
// A write ends in one of four ways, and the caller must tell them apart:
//
//   - no error: the API carried it out;
//   - [*APIError]: the API refused it, nothing changed;
//   - [*NotSentError]: it certainly never left this machine, nothing changed;
//   - [*OutcomeUnknownError]: it may or may not have been carried out. Never send it again; read the server to find out.
//
// # Texts of the API
//
// Strings in [Server] and the other answers are the API's own, valid UTF-8 but otherwise untouched: a server's name may hold
// anything its owner typed. Whoever shows them makes them inert for the place where they are shown. Messages in errors have
// control, bidirectional and invisible characters made visible, and are capped.
package vpsapi
