package tracing

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// sampler is what OTEL_TRACES_SAMPLER and its argument say. The library reads
// them too, but goes on without where they cannot be right.
func (v *variables) sampler() (sdk.Sampler, error) {
	const variable = "OTEL_TRACES_SAMPLER"
	set := v.get(variable)
	if set == "" {
		set = "parentbased_always_on" // the specification's
	}
	name, byParent := strings.CutPrefix(strings.ToLower(set), "parentbased_")
	var sampler sdk.Sampler
	switch name {
	case "always_on":
		sampler = sdk.AlwaysSample()
	case "always_off":
		sampler = sdk.NeverSample()
	case "traceidratio":
		ratio, err := v.ratio(variable + "_ARG")
		if err != nil {
			return nil, err
		}
		sampler = sdk.TraceIDRatioBased(ratio)
	default:
		return nil, fmt.Errorf("%s is %q, and it is always_on, always_off or traceidratio, or one of these behind parentbased_; for example %s=parentbased_always_on", variable, set, variable)
	}
	if byParent {
		sampler = sdk.ParentBased(sampler)
	}
	return sampler, v.err
}

func (v *variables) ratio(variable string) (float64, error) {
	text := v.get(variable)
	if text == "" {
		return 1, nil
	}
	ratio, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(ratio) || ratio < 0 || ratio > 1 {
		return 0, fmt.Errorf("%s is %q, and it is a number from 0 to 1; for example %s=0.25", variable, text, variable)
	}
	return ratio, nil
}
