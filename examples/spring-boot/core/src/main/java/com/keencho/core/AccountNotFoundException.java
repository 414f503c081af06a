package com.keencho.core;

class AccountNotFoundException extends RuntimeException {

    AccountNotFoundException(long id) {
        super("There is no account " + id + ".");
    }
}
