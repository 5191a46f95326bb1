package vpsapi

import "time"

// Account is whom a token belongs to.
type Account struct {
	Email       string
	FirstName   string
	LastName    string
	CompanyName string
	CreatedAt   time.Time

	Token AccountToken
}

// AccountToken is what the API tells about the token that asked: never the secret.
type AccountToken struct {
	Name        string
	Permissions []string
}

// accountJSON is the API's form: the account and its token side by side.
type accountJSON struct {
	Account *struct {
		Email       string    `json:"email"`
		FirstName   string    `json:"first_name"`
		LastName    string    `json:"last_name"`
		CompanyName string    `json:"company_name"`
		CreatedAt   time.Time `json:"created_at"`
	} `json:"account"`
	Token struct {
		Name        string   `json:"name"`
		Permissions []string `json:"permissions"`
	} `json:"token"`
}

func (a accountJSON) account() Account {
	return Account{
		Email: a.Account.Email, FirstName: a.Account.FirstName, LastName: a.Account.LastName,
		CompanyName: a.Account.CompanyName, CreatedAt: a.Account.CreatedAt,
		Token: AccountToken{Name: a.Token.Name, Permissions: a.Token.Permissions},
	}
}
