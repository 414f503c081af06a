package com.keencho.core;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Errors as the API answers them: {@code {"error": {"code", "message", "fields"?}}}. */
@RestControllerAdvice
class ApiErrors extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ApiErrors.class);

    record Body(Error error) {
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Error(String code, String message, Map<String, String> fields) {
    }

    @ExceptionHandler
    ResponseEntity<Object> loginIdTaken(LoginIdTakenException taken) {
        return answer(HttpStatus.CONFLICT, "login_id_taken", taken.getMessage(), Map.of("loginId", taken.getMessage()));
    }

    @ExceptionHandler
    ResponseEntity<Object> notFound(AccountNotFoundException missing) {
        return answer(HttpStatus.NOT_FOUND, "not_found", missing.getMessage(), null);
    }

    /** The database fails over, or is full: the client may try again. */
    @ExceptionHandler({
        CannotGetJdbcConnectionException.class,
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class
    })
    ResponseEntity<Object> databaseIsAway(Exception cause) {
        log.warn("database unavailable", cause);
        ResponseEntity<Object> answer = answer(HttpStatus.SERVICE_UNAVAILABLE, "database_unavailable",
                "The database cannot be reached at the moment. Please try again.", null);
        return ResponseEntity.status(answer.getStatusCode()).header(HttpHeaders.RETRY_AFTER, "5").body(answer.getBody());
    }

    @ExceptionHandler
    ResponseEntity<Object> unforeseen(Exception cause) {
        log.error("request failed", cause);
        return answer(HttpStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.", null);
    }

    @Override
    protected ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException invalid, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        Map<String, String> fields = new LinkedHashMap<>();
        invalid.getFieldErrors().forEach(error -> fields.putIfAbsent(error.getField(), error.getDefaultMessage()));
        return answer(HttpStatus.BAD_REQUEST, "invalid", "Some fields are not valid.", fields);
    }

    /** Everything that Spring itself refuses: a body that is no JSON, an unknown path, a number that is none. */
    @Override
    protected ResponseEntity<Object> handleExceptionInternal(
            Exception cause, Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        String code = status.value() == 404 ? "not_found" : status.is4xxClientError() ? "invalid" : "internal";
        HttpStatus known = HttpStatus.resolve(status.value());
        return answer(status, code, known == null ? "Refused." : known.getReasonPhrase() + ".", null);
    }

    private static ResponseEntity<Object> answer(
            HttpStatusCode status, String code, String message, Map<String, String> fields) {
        return ResponseEntity.status(status).body(new Body(new Error(code, message, fields)));
    }
}
