package com.keencho.core;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

/** The body of {@code POST /api/accounts}. */
public record NewAccount(
        @NotNull(message = LOGIN_ID)
        @Pattern(regexp = "[a-z0-9][a-z0-9._@-]{2,63}", message = LOGIN_ID)
        String loginId,

        @NotNull(message = PASSWORD)
        @Size(min = 8, max = 128, message = PASSWORD)
        String password,

        @NotNull(message = NAME)
        @Pattern(regexp = "\\P{Cc}{1,100}", message = NAME)
        String name) {

    private static final String LOGIN_ID =
            "3 to 64 lower-case letters, digits, or . _ @ -, starting with a letter or digit.";
    private static final String PASSWORD = "8 to 128 characters.";
    private static final String NAME = "1 to 100 characters, none of them a control character.";

    public NewAccount {
        name = name == null ? null : name.strip();
    }
}
