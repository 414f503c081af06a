package com.keencho.core;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder.SecretKeyFactoryAlgorithm;

/** What both applications are made of. */
@Configuration
@ComponentScan
@EnableConfigurationProperties(AccountsProperties.class)
public class CoreConfiguration {

    @Bean
    PasswordEncoder passwordEncoder(AccountsProperties properties) {
        return new Pbkdf2PasswordEncoder(
                "", 16, properties.passwordIterations(), SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA256);
    }
}
