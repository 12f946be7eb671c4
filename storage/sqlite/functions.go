package sqlite

import (
	"database/sql/driver"
	"fmt"

	"modernc.org/sqlite"

	"bookplate/models"
)

// These SQL functions are called by the migrations.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("models_email_key", 1, textFunction(models.EmailKey))
	sqlite.MustRegisterDeterministicScalarFunction("models_username_key", 1, textFunction(models.UsernameKey))
}

// textFunction returns a SQL function with one argument, a text. The SQL function returns the result of f.
func textFunction(f func(string) string) func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
	return func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		text, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("a text function was called with %T", args[0])
		}
		return f(text), nil
	}
}
