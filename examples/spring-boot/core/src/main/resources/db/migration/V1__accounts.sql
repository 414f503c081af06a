-- Accounts of administrators and of users, apart: each application may enter its own table only.

create table admin_account (
  id bigint generated always as identity primary key,
  login_id text not null unique,
  password_hash text not null,
  name text not null,
  created_at timestamptz not null default now()
);

create table user_account (
  id bigint generated always as identity primary key,
  login_id text not null unique,
  password_hash text not null,
  name text not null,
  created_at timestamptz not null default now()
);
