package sandbox

import "net/http"

type accountView struct {
	Account accountHolder `json:"account"`
	Token   tokenView     `json:"token"`
}

type accountHolder struct {
	Email       string `json:"email"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	CompanyName string `json:"company_name"`
	CreatedAt   string `json:"created_at"`
}

type tokenView struct {
	Name        string   `json:"name"`
	Permissions []string `json:"permissions"`
	CreatedAt   string   `json:"created_at"`
	ExpiresAt   *string  `json:"expires_at"`
}

func (s *Sandbox) account(*call) answer {
	return reply(http.StatusOK, accountView{
		Account: accountHolder{
			Email:       s.opts.Email,
			FirstName:   "Demo",
			LastName:    "Account",
			CompanyName: "Example Ltd",
			CreatedAt:   "2024-11-02T08:00:00Z",
		},
		Token: tokenView{
			Name:        "sandbox",
			Permissions: []string{"servers:read", "servers:write", "plans:read", "account:read"},
			CreatedAt:   "2025-01-09T12:00:00Z",
		},
	})
}
