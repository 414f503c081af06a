package com.keencho.core;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.postgresql.PGConnection;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.stereotype.Component;

/**
 * One database user per service, named by DB_USER_ADMIN and DB_PASSWORD_ADMIN, with no more rights than it needs: it
 * reads and writes the tables that begin with its name, and creates, alters or reads nothing else. Runs after the
 * migrations, as the master user, whose password no service gets.
 */
@Component
@Profile("migrate")
class ServiceRoles implements Callback {

    private static final Pattern USER = Pattern.compile("DB_USER_([A-Z0-9_]+)");

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.AFTER_MIGRATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public String getCallbackName() {
        return "service roles";
    }

    @Override
    public void handle(Event event, Context context) {
        Connection connection = context.getConnection();
        Map<String, String> environment = System.getenv();
        new TreeMap<>(environment).forEach((name, user) -> {
            Matcher matcher = USER.matcher(name);
            if (matcher.matches()) {
                String password = environment.get("DB_PASSWORD_" + matcher.group(1));
                grant(connection, matcher.group(1).toLowerCase(), user, password);
            }
        });
    }

    private static void grant(Connection connection, String service, String user, String password) {
        JdbcClient jdbc = JdbcClient.create(new SingleConnectionDataSource(connection, true));
        String role = quoted(jdbc, user);
        if (jdbc.sql("select 1 from pg_roles where rolname = ?").param(user).query().listOfRows().isEmpty()) {
            jdbc.sql("create role " + role).update();
        }
        jdbc.sql("alter role " + role + " with login nocreatedb nocreaterole noinherit connection limit 100").update();
        setPassword(connection, user, password);
        jdbc.sql("grant usage on schema public to " + role).update();
        jdbc.sql("select quote_ident(tablename) from pg_tables where schemaname = 'public' and starts_with(tablename, ?)")
                .param(service + "_")
                .query(String.class)
                .list()
                .forEach(table ->
                        jdbc.sql("grant select, insert, update, delete on " + table + " to " + role).update());
    }

    /** The driver sends a verifier and not the password, so that no log of the server can have it. */
    private static void setPassword(Connection connection, String user, String password) {
        if (password == null) {
            throw new IllegalStateException("There is a database user " + user + " without its password.");
        }
        try {
            connection.unwrap(PGConnection.class).alterUserPassword(user, password.toCharArray(), "scram-sha-256");
        } catch (SQLException cause) {
            throw new IllegalStateException("The password of " + user + " could not be set.", cause);
        }
    }

    private static String quoted(JdbcClient jdbc, String name) {
        return jdbc.sql("select quote_ident(?)").param(name).query(String.class).single();
    }
}
