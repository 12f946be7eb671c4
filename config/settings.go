package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bookplate/auth"
	"bookplate/models"
	"bookplate/throttle"
)

// localOrigins are the origins of pages on the developer's own machine.
var localOrigins = []string{
	"http://localhost", "http://localhost:*", "https://localhost", "https://localhost:*",
	"http://127.0.0.1", "http://127.0.0.1:*", "http://[::1]:*",
}

// The largest limit that can be set. For no limit, use THROTTLE=off.
const (
	maxLimit    = 1_000_000
	maxLimitPer = 30 * 24 * time.Hour
)

// kind says which part of a setting's value may be printed.
type kind int

const (
	plain        kind = iota
	plainOrEmpty      // an empty value is a value, and does not stand for the default
	secretURL         // a URL whose credentials and query are secret
	secret
)

type setting struct {
	name      string
	byDefault string // the value if no source has one
	meaning   string
	kind      kind
	set       func(c *Config, value string) error // checks and stores the value; the error says what is allowed
}

// settings lists all settings in the order in which they are set. A set function may use the settings above its own.
var settings = []setting{
	{"ADDR", ":5000", "address to listen on, host:port", plain, setAddr},
	{"PORT", "", "port to listen on, instead of ADDR's", plain, setPort},
	{"DATA_DIR", "data", "folder of the database file, the covers, the generated secret and unsent mail", plain, setDataDir},
	{"DATABASE_URL", "", "sqlite:PATH, mongodb://… or mongodb+srv://…", secretURL, setDatabase},
	{"COVERS_URL", "", "where the covers are kept: disk:PATH, gridfs: (the MongoDB of DATABASE_URL) or s3://BUCKET?…", plain, setCovers},
	{"S3_ACCESS_KEY", "", "the access key for s3://", secret, setS3AccessKey},
	{"S3_SECRET_KEY", "", "the secret key for s3://", secret, setS3SecretKey},
	{"SECRET_KEY", "", "signs the tokens, 32 bytes or more; by default the server creates one in DATA_DIR", secret, setSecretKey},
	{
		"PUBLIC_URL", "",
		"the server's URL, such as https://books.example.com; by default taken from each request, and from ADDR in mails",
		plain, setPublicURL,
	},
	{"TRUSTED_PROXIES", "", "comma-separated addresses or networks whose X-Forwarded-* headers are trusted", plain, setTrustedProxies},
	{
		"CORS_ORIGINS", strings.Join(localOrigins, ","),
		"comma-separated origins whose pages may call the API; * for all", plain, setCORSOrigins,
	},
	{"ACCESS_TOKEN_TTL", "24h", "how long an access token is valid", plain, setAccessTokenTTL},
	{"REFRESH_TOKEN_TTL", "720h", "how long a session lasts, while its access token is renewed", plain, setRefreshTokenTTL},
	{"NAME_WORDS", "2", "minimum number of words of a new name", plain, setNameWords},
	{"PASSWORD_MIN", "7", "minimum length of a new password, in characters", plain, setPasswordMin},
	{"PASSWORD_MAX", "200", "maximum length of a new password, in characters", plain, setPasswordMax},
	{"CATEGORIES", strings.Join(models.DefaultCategories, ","), "comma-separated categories of books", plain, setCategories},
	{"MAX_UPLOAD", "20MiB", "maximum size of a request with a picture", plain, setMaxUpload},
	{"MAX_IMPORT", "100MiB", "maximum size of a request with a file to import", plain, setMaxImport},
	{"MAX_PIXELS", "64000000", "maximum size of a picture, width times height", plain, setMaxPixels},
	{"COVER_SIZES", "150,300,600", "comma-separated sizes of covers; each is the side of the square that a cover fits, in pixels", plain, setCoverSizes},
	{
		"COVER_MEMORY", "256MiB",
		"memory for decoding pictures; uploads wait for a share, and one that needs more than all of it is rejected",
		plain, setCoverMemory,
	},
	{"THROTTLE", "on", "on or off: whether the limits are enforced, including the four below", plain, setThrottle},
	{"LOGIN_LIMIT", "10/100s", "failed log-ins to an account from a network, times/duration", plain, setLoginLimit},
	{"NETWORK_LIMIT", "100/100s", "failed log-ins from a network", plain, setNetworkLimit},
	{"SIGNUP_LIMIT", "300/1h", "sign-ups from a network", plain, setSignUpLimit},
	{"RESET_LIMIT", "30/1h", "requests for a link by mail from a network, and passwords set with a link", plain, setResetLimit},
	{"ADMIN_EMAIL", "", "the account with this address becomes an administrator, once it exists and its address is verified", plain, setAdminEmail},
	{"SMTP_URL", "", "mail server, smtp://USER:PASSWORD@HOST:587 or smtps://…; by default mails are files in DATA_DIR/mail", secretURL, setSMTPURL},
	{"MAIL_FROM", "", "the sender of mails, such as Bookplate <books@example.com>; required with SMTP_URL", plain, setMailFrom},
	{"SIGNUP", "open", "who may sign up: open (everybody), invite (people an administrator invites) or closed", plain, setSignUp},
	{"BOOKS_VISIBLE", "everyone", "who sees a book: everyone (who is signed in) or owner (and librarians)", plain, setBooksVisible},
	{"REQUIRE_ACTIVATION", "off", "on or off: whether a new account's e-mail address must be verified before the first log-in", plain, setActivation},
	{"TRASH_DAYS", "30", "how many days a book stays in the trash before it is deleted, or off to keep it", plain, setTrashDays},
	{"LOAN_REMIND_BEFORE", "72h", "how long before a loan is due its borrower gets a mail, or off", plain, setRemindBefore},
	{"LOAN_REMIND_AFTER", "24h", "how long after a loan was due its borrower gets a mail, or off", plain, setRemindAfter},
	{
		"METADATA_SOURCES", models.OpenLibrary + "," + models.GoogleBooks,
		"comma-separated sources that are asked about an ISBN, in this order: " + strings.Join(models.MetadataSources, ", ") +
			"; empty turns look-up off",
		plainOrEmpty, setMetadataSources,
	},
	{
		"METADATA_CONTACT", "", "an e-mail address or a URL that tells these sources who asks; by default PUBLIC_URL",
		plain, setMetadataContact,
	},
	{"BACKUP_EVERY", "off", "how often a backup of the database and the covers is made, such as 24h, or off", plain, setBackupEvery},
	{"BACKUP_KEEP", "7", "how many of these backups are kept", plain, setBackupKeep},
	{"BACKUP_URL", "", "where these backups are kept: disk:PATH or s3://BUCKET?…; by default in DATA_DIR/backups", plain, setBackupURL},
	{"LOG_FORMAT", "text", "text or json", plain, setLogFormat},
}

func setSignUp(c *Config, v string) error {
	c.SignUp = models.SignUp(v)
	switch c.SignUp {
	case models.SignUpOpen, models.SignUpInvite, models.SignUpClosed:
		return nil
	}
	return errors.New("want open, invite or closed")
}

func setBooksVisible(c *Config, v string) error {
	c.OwnersOnly = v == "owner"
	if !c.OwnersOnly && v != "everyone" {
		return errors.New("want everyone or owner")
	}
	return nil
}

func setAddr(c *Config, v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return errors.New("want host:port, such as :5000 or 127.0.0.1:5000")
	}
	c.Addr = v
	return checkPort(port)
}

// setPort sets the port of ADDR, unless the source of ADDR takes precedence over the source of PORT.
func setPort(c *Config, v string) error {
	if v == "" || c.origins["ADDR"].rank < c.origins["PORT"].rank {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return err
	}
	c.Addr = net.JoinHostPort(host, v)
	c.values["ADDR"] = c.Addr
	return checkPort(v)
}

func checkPort(port string) error {
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return errors.New("want a port from 1 to 65535")
	}
	return nil
}

func setDataDir(c *Config, v string) error {
	c.DataDir = v
	return nil
}

func setDatabase(c *Config, v string) error {
	if v == "" {
		v = "sqlite:" + filepath.Join(c.DataDir, "bookplate.db")
	}
	c.DatabaseURL, c.values["DATABASE_URL"] = v, v
	path, isSQLite := strings.CutPrefix(v, "sqlite:")
	if path, slashes := strings.CutPrefix(path, "//"); slashes {
		path = strings.TrimLeft(path, "/")
		return fmt.Errorf("want sqlite:%s for a relative path, or sqlite:/%s for an absolute path", path, path)
	}
	if isSQLite && path != "" || strings.HasPrefix(v, "mongodb://") || strings.HasPrefix(v, "mongodb+srv://") {
		return nil
	}
	return errors.New("want sqlite:PATH, mongodb://… or mongodb+srv://…")
}

func setCovers(c *Config, v string) error {
	onSQLite := strings.HasPrefix(c.DatabaseURL, "sqlite:")
	if v == "" && onSQLite {
		v = "disk:" + c.CoversDir()
	} else if v == "" {
		v = "gridfs:"
	}
	c.CoversURL, c.values["COVERS_URL"] = v, v
	scheme, rest, _ := strings.Cut(v, ":")
	switch {
	case scheme == "gridfs" && rest == "" && onSQLite:
		return errors.New("needs MongoDB, but DATABASE_URL names SQLite: want disk:PATH or s3://BUCKET?…")
	case scheme == "gridfs" && rest == "", scheme == "disk" && rest != "", scheme == "s3" && strings.HasPrefix(rest, "//"):
		return nil
	}
	return errors.New("want disk:PATH, gridfs: or s3://BUCKET?endpoint=https://HOST&region=…&path_style=true&prefix=…")
}

func setS3AccessKey(c *Config, v string) error {
	c.S3AccessKey = v
	return checkS3Key(c, v)
}

func setS3SecretKey(c *Config, v string) error {
	c.S3SecretKey = v
	return checkS3Key(c, v)
}

func checkS3Key(c *Config, v string) error {
	if v == "" && strings.HasPrefix(c.CoversURL, "s3:") {
		return errors.New("is required because COVERS_URL names an S3 bucket")
	}
	return nil
}

func setSecretKey(c *Config, v string) error {
	if v != "" && len(v) < auth.MinSecret {
		return fmt.Errorf("want %d bytes or more; make one with: openssl rand -base64 48", auth.MinSecret)
	}
	c.SecretKey = []byte(v)
	return nil
}

func setPublicURL(c *Config, v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("want a URL such as https://books.example.com")
	}
	c.PublicURL = strings.TrimRight(v, "/")
	return nil
}

func setTrustedProxies(c *Config, v string) error {
	for _, proxy := range list(v) {
		prefix, err := netip.ParsePrefix(proxy)
		if addr, addrErr := netip.ParseAddr(proxy); addrErr == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return errors.New("want addresses or networks such as 10.0.0.1,172.16.0.0/12")
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix)
	}
	return nil
}

func setCORSOrigins(c *Config, v string) error {
	c.CORSOrigins = list(v)
	for _, origin := range c.CORSOrigins {
		scheme, host, found := strings.Cut(origin, "://")
		if origin != "*" && (!found || scheme == "" || host == "" || strings.Contains(host, "/")) {
			return errors.New("want origins such as https://books.example.com,http://localhost:*")
		}
	}
	return nil
}

func setAccessTokenTTL(c *Config, v string) (err error) {
	c.AccessTokenTTL, err = time.ParseDuration(v)
	if err != nil || c.AccessTokenTTL < time.Second {
		return errors.New("want a duration of a second or more, such as 24h or 90m")
	}
	return nil
}

// setRefreshTokenTTL runs after setAccessTokenTTL, because the lifetime of access tokens is its minimum. The default is
// 30 days, because NIST SP 800-63B requires the password again after that time, even if the session is in use.
func setRefreshTokenTTL(c *Config, v string) (err error) {
	c.RefreshTokenTTL, err = time.ParseDuration(v)
	if err != nil || c.RefreshTokenTTL < c.AccessTokenTTL {
		return fmt.Errorf("want a duration such as 720h, not shorter than ACCESS_TOKEN_TTL, which is %s", c.AccessTokenTTL)
	}
	return nil
}

func setNameWords(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > models.MaxNameWords {
		return fmt.Errorf("want a number from 1 to %d", models.MaxNameWords)
	}
	c.Names = models.NamePolicy(n)
	return nil
}

func setPasswordMin(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 4 || n > 64 {
		return errors.New("want a number from 4 (one for each required kind of character) to 64")
	}
	c.Passwords.Min = n
	return nil
}

func setPasswordMax(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 64 || n > 10_000 {
		return errors.New("want a number from 64 (NIST SP 800-63B) to 10000")
	}
	c.Passwords.Max = n
	return nil
}

func setCategories(c *Config, v string) error {
	c.Categories = list(v)
	if len(c.Categories) == 0 {
		return errors.New("want at least one category")
	}
	return nil
}

func setMaxUpload(c *Config, v string) error {
	n, err := parseBytes(v)
	if err != nil || n < 1<<10 || n > 1<<30 {
		return errors.New("want a size from 1KiB to 1GiB, such as 20MiB")
	}
	c.MaxUpload = n
	return nil
}

func setMaxImport(c *Config, v string) error {
	n, err := parseBytes(v)
	if err != nil || n < 1<<10 || n > 1<<30 {
		return errors.New("want a size from 1KiB to 1GiB, such as 100MiB")
	}
	c.MaxImport = n
	return nil
}

func setMaxPixels(c *Config, v string) error {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 || n > 1_000_000_000 {
		return errors.New("want a number of pixels from 1 to 1000000000")
	}
	c.MaxPixels = n
	return nil
}

func setCoverSizes(c *Config, v string) error {
	for _, item := range list(v) {
		size, err := strconv.Atoi(item)
		if err != nil || size < 16 || size > 2000 {
			return errors.New("want sizes from 16 to 2000, such as 150,300,600")
		}
		c.CoverSizes = append(c.CoverSizes, size)
	}
	return nil
}

func setCoverMemory(c *Config, v string) error {
	n, err := parseBytes(v)
	if err != nil || n < 16<<20 {
		return errors.New("want a size of 16MiB or more, such as 256MiB")
	}
	c.CoverMemory = n
	return nil
}

func setThrottle(c *Config, v string) error { return setSwitch(&c.Throttle, v) }

func setSwitch(dst *bool, v string) error {
	if v != "on" && v != "off" {
		return errors.New("want on or off")
	}
	*dst = v == "on"
	return nil
}

func setLoginLimit(c *Config, v string) error   { return setLimit(&c.LoginLimit, v) }
func setNetworkLimit(c *Config, v string) error { return setLimit(&c.NetworkLimit, v) }
func setSignUpLimit(c *Config, v string) error  { return setLimit(&c.SignUpLimit, v) }
func setResetLimit(c *Config, v string) error   { return setLimit(&c.ResetLimit, v) }

// setLimit parses a limit of the form times/duration.
func setLimit(limit *throttle.Limit, v string) error {
	times, per, _ := strings.Cut(v, "/")
	n, err := strconv.Atoi(times)
	d, durationErr := time.ParseDuration(per)
	if err != nil || durationErr != nil || n < 1 || n > maxLimit || d < time.Second || d > maxLimitPer {
		return errors.New("want times/duration, such as 10/100s or 300/1h")
	}
	*limit = throttle.Limit{N: n, Per: d}
	return nil
}

func setAdminEmail(c *Config, v string) error {
	if err := models.CheckEmail(v); v != "" && err != nil {
		return err
	}
	c.AdminEmail = v
	return nil
}

func setSMTPURL(c *Config, v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("want a URL such as smtp://user:password@mail.example.com:587 or smtps://…; in the password, " +
			"write @ as %40, / as %2F, % as %25")
	}
	c.SMTPURL = v
	return nil
}

// setMailFrom requires MAIL_FROM if mail is sent by SMTP, because mail servers reject a made-up sender.
func setMailFrom(c *Config, v string) error {
	if v == "" && c.SMTPURL == "" {
		v = "Bookplate <bookplate@localhost>"
	}
	if _, err := mail.ParseAddress(v); err != nil {
		return errors.New("want an address such as Bookplate <books@example.com>; it is required with SMTP_URL")
	}
	c.MailFrom, c.values["MAIL_FROM"] = v, v
	return nil
}

func setActivation(c *Config, v string) error { return setSwitch(&c.Activation, v) }

// maxTrashDays is the largest number of days for TRASH_DAYS. To keep books in the trash for longer, use TRASH_DAYS=off.
const maxTrashDays = 3650

func setTrashDays(c *Config, v string) error {
	if v == "off" {
		return nil
	}
	days, err := strconv.Atoi(v)
	if err != nil || days < 1 || days > maxTrashDays {
		return fmt.Errorf("want a number of days from 1 to %d, or off", maxTrashDays)
	}
	c.TrashTTL = time.Duration(days) * 24 * time.Hour
	return nil
}

func setRemindBefore(c *Config, v string) error { return setReminder(&c.RemindBefore, v) }
func setRemindAfter(c *Config, v string) error  { return setReminder(&c.RemindAfter, v) }

// setReminder parses a duration. It must be at least a day, because due dates have no time of day.
func setReminder(dst *time.Duration, v string) (err error) {
	if v == "off" {
		return nil
	}
	if *dst, err = time.ParseDuration(v); err != nil || *dst < 24*time.Hour {
		return errors.New("want a duration of a day or more, such as 72h, or off")
	}
	return nil
}

func setBackupEvery(c *Config, v string) (err error) {
	if v == "off" {
		return nil
	}
	if c.BackupEvery, err = time.ParseDuration(v); err != nil || c.BackupEvery < time.Hour {
		return errors.New("want a duration of an hour or more, such as 24h, or off")
	}
	return nil
}

func setBackupKeep(c *Config, v string) (err error) {
	if c.BackupKeep, err = strconv.Atoi(v); err != nil || c.BackupKeep < 1 || c.BackupKeep > 1000 {
		return errors.New("want a number from 1 to 1000")
	}
	return nil
}

func setBackupURL(c *Config, v string) error {
	if v == "" {
		v = "disk:" + c.BackupsDir()
	}
	c.BackupURL, c.values["BACKUP_URL"] = v, v
	scheme, rest, _ := strings.Cut(v, ":")
	switch {
	case scheme == "s3" && strings.HasPrefix(rest, "//") && (c.S3AccessKey == "" || c.S3SecretKey == ""):
		return errors.New("needs S3_ACCESS_KEY and S3_SECRET_KEY")
	case scheme == "s3" && strings.HasPrefix(rest, "//"), scheme == "disk" && rest != "":
		return nil
	}
	return errors.New("want disk:PATH or s3://BUCKET?endpoint=https://HOST&region=…&path_style=true&prefix=…")
}

func setMetadataSources(c *Config, v string) error {
	c.MetadataSources = list(v)
	for i, source := range c.MetadataSources {
		if !slices.Contains(models.MetadataSources, source) || slices.Contains(c.MetadataSources[:i], source) {
			return errors.New("want some of " + strings.Join(models.MetadataSources, ",") + ", each once, or nothing")
		}
	}
	return nil
}

// contactPattern matches an e-mail address or a URL. It excludes the parentheses that would end the comment of a User-Agent.
var contactPattern = regexp.MustCompile(`^([!-'*-~]+@[!-'*-~]+|https?://[!-'*-~]+)$`)

func setMetadataContact(c *Config, v string) error {
	c.MetadataContact = cmp.Or(v, c.PublicURL)
	if v != "" && !contactPattern.MatchString(v) {
		return errors.New("want an address such as books@example.com, or a URL such as https://books.example.com")
	}
	return nil
}

func setLogFormat(c *Config, v string) error {
	if v != "text" && v != "json" {
		return errors.New("want text or json")
	}
	c.LogJSON = v == "json"
	return nil
}

// list splits a comma-separated value and leaves out empty items.
func list(v string) []string {
	var items []string
	for item := range strings.SplitSeq(v, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// parseBytes parses a number of bytes with an optional unit: KiB, MiB or GiB.
func parseBytes(v string) (int64, error) {
	for _, unit := range []struct {
		suffix string
		shift  uint
	}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}} {
		if digits, found := strings.CutSuffix(v, unit.suffix); found {
			n, err := strconv.ParseInt(digits, 10, 32)
			return n << unit.shift, err
		}
	}
	return strconv.ParseInt(v, 10, 64)
}
