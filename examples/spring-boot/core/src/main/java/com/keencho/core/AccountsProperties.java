package com.keencho.core;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * @param table              the application's own table
 * @param passwordIterations of PBKDF2; the default is low on purpose, because the sample is rehearsed on a laptop under
 *                           dozens of new accounts a second. A product takes 600,000.
 */
@Validated
@ConfigurationProperties("accounts")
public record AccountsProperties(
        @Pattern(regexp = "admin_account|user_account") String table,
        @Min(1_000) @DefaultValue("2000") int passwordIterations) {
}
