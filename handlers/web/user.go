package web

import "bookplate/models"

// User is an account as clients see it.
type User struct {
	ID        models.ID   `json:"_id"`
	Name      string      `json:"name"`
	FirstName string      `json:"first_name"`
	LastName  string      `json:"last_name"`
	Email     string      `json:"email"`
	Username  *string     `json:"username"` // null if the account has none
	Active    bool        `json:"active"`
	Role      models.Role `json:"role"`
	CreatedAt *string     `json:"created_at"`
	UpdatedAt *string     `json:"updated_at"`
}

// NewUser returns an account as clients see it.
func NewUser(u models.User) User {
	v := User{
		ID: u.ID, Name: u.Name, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email, Active: u.Active, Role: u.Role,
		CreatedAt: Timestamp(u.CreatedAt), UpdatedAt: Timestamp(u.UpdatedAt),
	}
	if u.Username != "" {
		v.Username = &u.Username
	}
	return v
}
