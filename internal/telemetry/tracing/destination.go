package tracing

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// destination is where traces go, by the variables of OTLP's exporters.
type destination struct {
	url     string
	headers http.Header
	timeout time.Duration
	gzip    bool
	tls     *tls.Config // the system's authorities where nil
}

// defaultTimeout is the specification's.
const defaultTimeout = 10 * time.Second

// variables looks up what may be said of all signals or of traces alone.
type variables struct {
	value func(name string) (string, error)
	err   error
}

func (v *variables) get(name string) string {
	value, err := v.value(name)
	if err != nil && v.err == nil {
		v.err = err
	}
	return strings.TrimSpace(value)
}

// otlp is the variable for traces or, where that is not set, the one for all,
// with the name that was set.
func (v *variables) otlp(name string) (variable, value string) {
	variable = "OTEL_EXPORTER_OTLP_TRACES_" + name
	if value = v.get(variable); value == "" {
		variable = "OTEL_EXPORTER_OTLP_" + name
		value = v.get(variable)
	}
	return variable, value
}

// destinationOf returns nil where traces are off: without an endpoint and
// without OTEL_TRACES_EXPORTER=otlp, which means the collector on this machine.
func destinationOf(value func(string) (string, error)) (*destination, error) {
	v := &variables{value: value}
	if strings.EqualFold(v.get("OTEL_SDK_DISABLED"), "true") {
		return nil, v.err
	}
	exporter := v.get("OTEL_TRACES_EXPORTER")
	if exporter != "" && exporter != "otlp" && exporter != "none" {
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER is %q, and it is otlp or none; for example OTEL_TRACES_EXPORTER=otlp", exporter)
	}
	to, err := v.endpoint()
	if exporter == "none" || err != nil {
		return nil, err
	}
	if to == "" {
		if to = "http://localhost:4318/v1/traces"; exporter == "" {
			return nil, v.err
		}
	}
	d := &destination{url: to, timeout: defaultTimeout}
	for _, read := range []func(*destination) error{v.protocol, v.headers, v.timeout, v.compression, v.certificate} {
		if err := read(d); err != nil {
			return nil, err
		}
	}
	return d, v.err
}

func (v *variables) endpoint() (string, error) {
	variable, text := v.otlp("ENDPOINT")
	if text == "" {
		return "", v.err
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("%s is not an address of HTTP; for example %s=http://localhost:4318", variable, variable)
	}
	if variable == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		u = u.JoinPath("v1", "traces")
	}
	return u.String(), nil
}

func (v *variables) protocol(*destination) error {
	if variable, p := v.otlp("PROTOCOL"); p != "" && p != "http/protobuf" {
		return fmt.Errorf("%s is %q, and traces are sent by http/protobuf alone, to the collector's port for HTTP (4318); for example %s=http/protobuf", variable, p, variable)
	}
	return nil
}

func (v *variables) headers(d *destination) error {
	variable, text := v.otlp("HEADERS")
	d.headers = make(http.Header)
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, raw, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(raw))
		if !ok || err != nil { // it may hold a secret: it is not repeated
			return fmt.Errorf("%s is not a list of NAME=VALUE; for example %s=authorization=Bearer%%20abc", variable, variable)
		}
		d.headers.Set(strings.TrimSpace(name), value)
	}
	return nil
}

func (v *variables) timeout(d *destination) error {
	variable, text := v.otlp("TIMEOUT")
	if text == "" {
		return nil
	}
	ms, err := strconv.Atoi(text)
	if err != nil || ms <= 0 {
		return fmt.Errorf("%s is %q, and it is a number of milliseconds; for example %s=10000", variable, text, variable)
	}
	d.timeout = time.Duration(ms) * time.Millisecond
	return nil
}

func (v *variables) compression(d *destination) error {
	variable, text := v.otlp("COMPRESSION")
	switch text {
	case "", "none", "gzip":
		d.gzip = text == "gzip"
		return nil
	}
	return fmt.Errorf("%s is %q, and it is gzip or none; for example %s=gzip", variable, text, variable)
}

func (v *variables) certificate(d *destination) error {
	variable, path := v.otlp("CERTIFICATE")
	if path == "" {
		return nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w; for example %s=/etc/ssl/certs/collector.pem", variable, err, variable)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s: %s holds no certificate in PEM; for example %s=/etc/ssl/certs/collector.pem", variable, path, variable)
	}
	d.tls = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities}
	return nil
}
