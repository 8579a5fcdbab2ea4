// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What all modes of the yardstick do on a connection.

#include "yardstick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void fail(const char *what, const char *why) {
    fprintf(stderr, "yardstick: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

void *memory_for(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) fail("there is no memory", "the plan is too large");
    return memory;
}

char *make_body(const Plan *plan) {
    char *body = memory_for(plan->bytes, 1);
    memset(body, 'x', plan->bytes);
    return body;
}

redisContext *open_connection(const Plan *plan) {
    redisContext *server = redisConnect("127.0.0.1", plan->port);
    if (server == NULL || server->err) fail("no connection", server == NULL ? "no memory" : server->errstr);
    return server;
}

void prepare(redisContext *server) {
    redisAppendCommand(server, "FLUSHALL");
    redisAppendCommand(server, "XGROUP CREATE orders billing 0 MKSTREAM");
    skip_reply(server);
    skip_reply(server);
}

redisReply *next_reply(redisContext *server) {
    void *reply = NULL;
    if (redisGetReply(server, &reply) != REDIS_OK) fail("no reply", server->errstr);
    redisReply *answer = reply;
    if (answer->type == REDIS_REPLY_ERROR) fail("the server refused", answer->str);
    return answer;
}

void skip_reply(redisContext *server) { freeReplyObject(next_reply(server)); }

redisReply *entries_of(redisReply *reply) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1) fail("XREADGROUP", "there are no entries");
    return reply->element[0]->element[1];
}

void append_ack(redisContext *server, const redisReply *entries, const char **parts, size_t *lengths) {
    static const char *const head[] = {"XACK", "orders", "billing"};
    for (size_t i = 0; i < 3; i++) {
        parts[i] = head[i];
        lengths[i] = strlen(head[i]);
    }
    for (size_t i = 0; i < entries->elements; i++) {
        const redisReply *id = entries->element[i]->element[0];
        parts[3 + i] = id->str;
        lengths[3 + i] = (size_t)id->len;
    }
    redisAppendCommandArgv(server, (int)(3 + entries->elements), parts, lengths);
}

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double seconds_now(void) { return seconds_of(CLOCK_MONOTONIC); }

double client_processor_seconds(void) { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

// The number behind a name in the reply of INFO.
static double value_of(const char *name, const char *info) {
    const char *place = strstr(info, name);
    if (place == NULL) fail("INFO cpu does not tell", name);
    return strtod(place + strlen(name), NULL);
}

double server_processor_seconds(redisContext *server) {
    redisAppendCommand(server, "INFO cpu");
    redisReply *reply = next_reply(server);
    if (reply->type != REDIS_REPLY_STRING) fail("INFO cpu", "the reply is no text");
    double seconds = value_of("used_cpu_sys:", reply->str) + value_of("used_cpu_user:", reply->str);
    freeReplyObject(reply);
    return seconds;
}
