package accounts

import (
	"context"
	"errors"
	"time"

	"bookplate/auth"
	"bookplate/models"
)

var (
	errSignUpClosed = &models.Error{
		Code: models.Forbidden, Name: "sign_up_closed",
		Detail: "Sign-up is closed: ask the administrator of this library for an account",
	}
	errInvitationNeeded = &models.Error{
		Code: models.Forbidden, Name: "invitation_needed",
		Detail: "Sign-up needs an invitation: ask the administrator of this library for a link, and open it",
	}
	errDeadInvitation = models.InvalidField("invitation", errors.New("is unknown, was used already or has expired"))
)

// Invite returns a link with which one person can sign up until it expires. If email is not empty, the link is mailed
// to that address, and only that address can sign up with it. The error is Forbidden if sign-up is closed.
func (a *Accounts) Invite(ctx context.Context, actor models.Actor, email string) (link string, expires time.Time, err error) {
	if a.SignUpMode == models.SignUpClosed {
		return "", time.Time{}, errSignUpClosed
	}
	if err := a.Audit.Note(ctx, actor, models.ActionInviteUser, "", email); err != nil {
		return "", time.Time{}, err
	}
	t := models.OneTimeToken{
		Purpose: models.PurposeInvitation, Email: email, ExpiresAt: a.Now().Add(models.PurposeInvitation.TTL()),
	}
	token, err := issueLink(context.WithoutCancel(ctx), a.tokens, t)
	if err == nil && email != "" {
		err = a.Outbox.Post(written(a.Letters.Invitation(email, token)))
	}
	return a.Letters.InvitationLink(token), t.ExpiresAt, err
}

// admitSignUp returns an error if there is no invitation and the SIGNUP setting requires one or closes sign-up.
func (a *Accounts) admitSignUp(invitation string) error {
	switch {
	case invitation != "" || a.SignUpMode == models.SignUpOpen:
		return nil
	case a.SignUpMode == models.SignUpInvite:
		return errInvitationNeeded
	}
	return errSignUpClosed
}

// takeInvitation uses up the token of an invitation or a set-up link, and returns what was stored for it. If the token
// is not valid, the error is Invalid for the field of the invitation. If the invitation was mailed to another address,
// the error is Invalid for the field email, and the token stays valid.
func (a *Accounts) takeInvitation(ctx context.Context, token, email string) (models.OneTimeToken, error) {
	hash, err := auth.HashOneTimeToken(token)
	if err != nil {
		return models.OneTimeToken{}, errDeadInvitation
	}
	invitation, err := a.tokens.Take(ctx, hash, models.PurposeSetUp)
	if models.CodeOf(err) == models.NotFound && a.SignUpMode != models.SignUpClosed {
		invitation, err = a.tokens.Take(ctx, hash, models.PurposeInvitation)
	}
	switch {
	case models.CodeOf(err) == models.NotFound, err == nil && !invitation.ExpiresAt.After(a.Now()):
		return models.OneTimeToken{}, errDeadInvitation
	case err == nil && invitation.Email != "" && models.EmailKey(invitation.Email) != models.EmailKey(email):
		wrong := models.InvalidField("email", errors.New("must be the address that was invited"))
		return models.OneTimeToken{}, errors.Join(wrong, a.tokens.Create(ctx, invitation))
	}
	return invitation, err
}
