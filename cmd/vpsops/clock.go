package main

import "time"

// clock is this machine's: what this program dates, and when it takes what for
// expired, goes by it. Tests of a machine whose clock is off put another in its
// place.
var clock = time.Now
