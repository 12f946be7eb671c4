-- Names are compared in Unicode's composed form. Keys that differ in it are made anew; of two accounts whose keys become
-- the same, one keeps its old key. models_email_key and models_username_key are those of package models.
UPDATE OR IGNORE users SET email_key = models_email_key(email) WHERE email_key GLOB '*[^ -~]*';
UPDATE OR IGNORE users SET username_key = models_username_key(username) WHERE username_key GLOB '*[^ -~]*';
