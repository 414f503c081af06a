package com.keencho.core;

class LoginIdTakenException extends RuntimeException {

    LoginIdTakenException(String loginId) {
        super("The login id \"" + loginId + "\" is already in use.");
    }
}
