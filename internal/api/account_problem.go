package api

import (
	"errors"
	"net/http"
	"time"

	"machi/internal/account"
	"machi/internal/office"
)

// The problem codes of accounts.
const (
	codeBadCredentials = "bad_credentials"
	codeCodeNeeded     = "code_needed"
	codeCodeWrong      = "code_wrong"
	codeBusy           = "busy"
	codeWeakPassword   = "weak_password"
	codeLoginTaken     = "login_taken"
	codeLastAdmin      = "last_admin"
	codeTooMany        = "too_many_accounts"
	codeFederated      = "federated_account"
	codeUnknownAccount = "unknown_account"
	codeUnknownSession = "unknown_session"
	codeNotFirst       = "not_first"
	codeFirstCode      = "first_code_wrong"
	codeNoAccount      = "no_account"
)

// accountMeanings are the refusals of accounts.
var accountMeanings = map[string]meaning{
	codeBadCredentials: {http.StatusUnauthorized, "ログイン名またはパスワードが違います", "Wrong login name or password"},
	codeCodeNeeded:     {http.StatusUnauthorized, "認証アプリの6桁の数字が必要です", "The authenticator's six digits are needed"},
	codeCodeWrong:      {http.StatusUnauthorized, "認証アプリの数字が違います", "The authenticator's code is wrong"},
	codeBusy:           {http.StatusTooManyRequests, "ログインが混み合っています。少し待ってもう一度お試しください", "Too many people sign in at this moment; try again"},
	codeWeakPassword:   {http.StatusUnprocessableEntity, "このパスワードは使えません", "The password is too easy to guess"},
	codeLoginTaken:     {http.StatusConflict, "このログイン名は使われています", "The login name is taken"},
	codeLastAdmin:      {http.StatusConflict, "最後のシステム管理者です", "Nobody could manage accounts any more"},
	codeTooMany:        {http.StatusConflict, "アカウントの数が上限に達しました", "There are too many accounts"},
	codeFederated:      {http.StatusConflict, "庁内の認証サービスで管理されています", "The city's sign-in service keeps this"},
	codeUnknownAccount: {http.StatusNotFound, "そのアカウントはありません", "There is no such account"},
	codeUnknownSession: {http.StatusNotFound, "そのログインはもう終わっています", "There is no such session"},
	codeNotFirst:       {http.StatusConflict, "システム管理者はもう登録されています", "There is an administrator already"},
	codeFirstCode:      {http.StatusUnauthorized, "コードが違うか、期限が切れています", "The code is wrong, used or expired"},
	codeNoAccount:      {http.StatusConflict, "トークンでログインしているため使えません", "A token has no account of its own"},
}

// accountProblem turns what the keeper of accounts answers into a problem.
func accountProblem(err error) error {
	var limited *account.Limited
	var field *account.FieldError
	var weak account.Weak
	switch {
	case err == nil:
		return nil
	case errors.As(err, &limited):
		return &Problem{Code: codeRateLimited, retryAfter: limited.Wait}
	case errors.As(err, &field):
		return problemf(codeBadValue, field.Field, "%s", field.Why)
	case errors.As(err, &weak):
		return &Problem{Code: codeWeakPassword, Field: "password", Have: string(weak)}
	case errors.Is(err, account.ErrBusy):
		return &Problem{Code: codeBusy, retryAfter: 2 * time.Second}
	}
	for _, one := range []struct {
		is          error
		code, field string
	}{
		{account.ErrCredentials, codeBadCredentials, "login"},
		{account.ErrCodeNeeded, codeCodeNeeded, "otp"},
		{account.ErrCode, codeCodeWrong, "otp"},
		{account.ErrLoginTaken, codeLoginTaken, "login"},
		{account.ErrLastAdmin, codeLastAdmin, "account"},
		{account.ErrTooMany, codeTooMany, ""},
		{account.ErrFederated, codeFederated, "account"},
		{account.ErrUnknown, codeUnknownAccount, "account"},
		{account.ErrNotFirst, codeNotFirst, "code"},
		{account.ErrFirstCode, codeFirstCode, "code"},
	} {
		if errors.Is(err, one.is) {
			return problem(one.code, one.field)
		}
	}
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
}
