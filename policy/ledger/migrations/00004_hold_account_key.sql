-- +goose Up

-- Which API account a hold was put up in, whatever it is called since: '' where an
-- older version put it up.
ALTER TABLE holds ADD COLUMN account_key TEXT NOT NULL DEFAULT '';
