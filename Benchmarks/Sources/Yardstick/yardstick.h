// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

#ifndef YARDSTICK_H
#define YARDSTICK_H

#include <hiredis/hiredis.h>
#include <stddef.h>

/// What one run does.
typedef struct {
    int port;
    size_t messages;
    size_t batch;
    /// The size of a body.
    size_t bytes;
    /// How many messages a second are published while the latency is measured; 0 for one at a time.
    size_t rate;
} Plan;

/// The rate of some work, and the processor time that client and server used for each of its messages.
typedef struct {
    double messages_per_second;
    double client_microseconds;
    double server_microseconds;
} Throughput;

/// The time from a publish to the reader, in microseconds, that half of the messages keep to and 99 in 100; and how many
/// messages a second were read meanwhile.
typedef struct {
    double p50;
    double p99;
    double messages_per_second;
} Latency;

Throughput measure_publish(redisContext *server, const Plan *plan);
Throughput measure_consume(redisContext *server, const Plan *plan);
Latency measure_latency(redisContext *server, const Plan *plan);

/// Ends the program with a line on stderr.
_Noreturn void fail(const char *what, const char *why);

/// Memory for `count` things of `size` bytes.
void *memory_for(size_t count, size_t size);

/// A body of the plan's size, which the caller frees.
char *make_body(const Plan *plan);

redisContext *open_connection(const Plan *plan);

/// Empties the server; leaves a stream with a group.
void prepare(redisContext *server);

/// The next reply, which is no error; the caller frees it.
redisReply *next_reply(redisContext *server);

void skip_reply(redisContext *server);

/// The entries of a reply of XREADGROUP over one stream.
redisReply *entries_of(redisReply *reply);

/// Sends an XACK of all these entries with the next command that waits; `parts` and `lengths` have room for three more
/// words than there are entries.
void append_ack(redisContext *server, const redisReply *entries, const char **parts, size_t *lengths);

/// Seconds of a clock that only goes forward.
double seconds_now(void);

/// For how many seconds this process has used processors.
double client_processor_seconds(void);

/// For how many seconds the server has used processors.
double server_processor_seconds(redisContext *server);

#endif
