package vpsapi

import "net/http"

// client is what a Reader and a Writer have in common.
type client struct {
	*settings
	token  Token
	header func(*operation) http.Header
	wire   *wire
	flight flights[callKey, *answer]
	tries  timeouts
	dates  dates
	do     handler
}

func newClient(token Token, s safety, opts []Option) (*client, error) {
	settings, err := newSettings(token, opts)
	if err != nil {
		return nil, err
	}
	c := &client{settings: settings, token: token, header: headersFor(token, settings.userAgent), wire: newWire(settings, s)}
	c.do = c.pipeline(s)
	return c, nil
}

// pipeline puts the handlers into their order, the outermost first. A write passes fewer of them: nothing on its way may send it
// a second time.
func (c *client) pipeline(s safety) handler {
	send := c.exchange // one request to one connection; the answer with its body
	if s != read {
		return c.observed( // logged and reported as the caller sees it
			c.withToken( // nothing leaves without one
				c.decoded( // what isn't the API's answer to this call is told as such
					c.timed( // the write as a whole
						c.judgedAsWrite( // done, refused, not sent, or unknown
							c.scrubbed( // an answer that repeats the token doesn't pass it on
								send))))))
	}
	return c.observed(
		c.withToken(
			c.decoded( // by each caller for itself
				c.shared( // identical reads that wait together are one
					c.retried( // each try below is whole: sent, received, judged
						c.timedTry( // one try
							c.judgedAsRead(
								c.scrubbed(
									send))))))))
}
