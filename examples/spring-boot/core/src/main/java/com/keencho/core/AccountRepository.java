package com.keencho.core;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The accounts of one application. Each statement is a transaction: what returns is committed. */
@Repository
public class AccountRepository {

    private final JdbcClient jdbc;
    private final String table;

    AccountRepository(JdbcClient jdbc, AccountsProperties properties) {
        this.jdbc = jdbc;
        this.table = properties.table();
    }

    /** By key and not by offset: pages neither overlap nor skip while others write. */
    public List<Account> list(long before, int limit) {
        return jdbc.sql("select id, login_id, name, created_at from " + table
                        + " where id < :before order by id desc limit :limit")
                .param("before", before)
                .param("limit", limit)
                .query(AccountRepository::read)
                .list();
    }

    /** Empty when the login id is taken. */
    public Optional<Account> add(String loginId, String passwordHash, String name) {
        return jdbc.sql("insert into " + table + " (login_id, password_hash, name) values (:loginId, :hash, :name)"
                        + " on conflict (login_id) do nothing returning id, login_id, name, created_at")
                .param("loginId", loginId)
                .param("hash", passwordHash)
                .param("name", name)
                .query(AccountRepository::read)
                .optional();
    }

    /** False when there was none. */
    public boolean delete(long id) {
        return jdbc.sql("delete from " + table + " where id = :id").param("id", id).update() > 0;
    }

    private static Account read(ResultSet row, int number) throws SQLException {
        return new Account(row.getLong("id"), row.getString("login_id"), row.getString("name"),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }
}
