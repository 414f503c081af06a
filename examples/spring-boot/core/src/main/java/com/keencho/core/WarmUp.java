package com.keencho.core;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.stereotype.Component;

/**
 * Runs before the application calls itself ready. It reads its own table, so that a wrong password, a closed security
 * group or a missing table stops a release before it takes traffic: the process ends, and its log says why. From then on
 * the application is ready, whatever the database does: to replace all tasks during a fail-over of one minute would make
 * it a longer one.
 */
@Component
@ConditionalOnWebApplication
class WarmUp implements ApplicationRunner {

    private static final int ROUNDS = 200;

    private final AccountRepository accounts;

    WarmUp(AccountRepository accounts) {
        this.accounts = accounts;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (int round = 0; round < ROUNDS; round++) {
            accounts.list(Long.MAX_VALUE, 20);
        }
    }
}
