package com.keencho.core;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** List, add, delete. */
@RestController
@RequestMapping("/api/accounts")
class AccountController {

    private static final long MAX_ID = 9_007_199_254_740_991L;

    private final AccountRepository accounts;
    private final PasswordEncoder passwords;

    AccountController(AccountRepository accounts, PasswordEncoder passwords) {
        this.accounts = accounts;
        this.passwords = passwords;
    }

    @GetMapping
    AccountPage list(
            @RequestParam(defaultValue = "20") @Min(1) @Max(100) int limit,
            @RequestParam(defaultValue = "" + MAX_ID) @Min(1) @Max(MAX_ID) long before) {
        List<Account> found = accounts.list(before, limit + 1);
        if (found.size() <= limit) {
            return new AccountPage(found, null);
        }
        List<Account> page = found.subList(0, limit);
        return new AccountPage(page, page.get(limit - 1).id());
    }

    @PostMapping
    ResponseEntity<Account> add(@Valid @RequestBody NewAccount account) {
        String hash = passwords.encode(account.password());
        Account added = accounts.add(account.loginId(), hash, account.name())
                .orElseThrow(() -> new LoginIdTakenException(account.loginId()));
        return ResponseEntity.created(URI.create("/api/accounts/" + added.id())).body(added);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable long id) {
        if (!accounts.delete(id)) {
            throw new AccountNotFoundException(id);
        }
    }
}
