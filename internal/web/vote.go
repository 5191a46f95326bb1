package web

import (
	"net/http"
)

func (p *page) showRequests(w http.ResponseWriter, r *http.Request, v visitor) {}
func (p *page) showRequest(w http.ResponseWriter, r *http.Request, v visitor)  {}
func (p *page) vote(w http.ResponseWriter, r *http.Request, v visitor)         {}
