// Package command is the language that people speak to vpsops in: after /vps in
// Slack, and at the console's prompt.
//
// [Parse] reads a line as people type it on a phone, with the smart quotes and
// dashes of its keyboard and the mentions and links that Slack makes of what it
// recognizes. [Help] says what one may say, and [Complete] what could come next.
// None of them reads, asks or changes anything: package runner does.
package command
