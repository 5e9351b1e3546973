// libcurl. Swift calls no function with a varying number of arguments, so each kind of option has one of its own.
#pragma once
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>

static inline CURLcode curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}
// For CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION and CURLOPT_READFUNCTION.
static inline CURLcode curl_set_function(
    CURL *handle, CURLoption option, size_t (*value)(char *bytes, size_t size, size_t count, void *context)
) {
    return curl_easy_setopt(handle, option, value);
}
static inline curl_off_t curl_get_size(CURL *handle, CURLINFO info) {
    curl_off_t value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}
static inline long curl_get_number(CURL *handle, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}
// For CURLOPT_XFERINFOFUNCTION: called about once a second, also while nothing moves; not 0 ends the transfer.
static inline CURLcode curl_set_progress(
    CURL *handle,
    int (*value)(void *context, curl_off_t total, curl_off_t now, curl_off_t uploadTotal, curl_off_t uploaded)
) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

// For CURLOPT_OPENSOCKETFUNCTION: opens the socket for an address, or answers CURL_SOCKET_BAD.
static inline CURLcode curl_set_opener(
    CURL *handle, curl_socket_t (*value)(void *context, curlsocktype purpose, struct curl_sockaddr *address)
) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}
// The bytes of an address as they travel. Returns their number: 4, 16, or 0 for another family.
static inline int curl_address_bytes(const struct curl_sockaddr *address, unsigned char bytes[16]) {
    if (address->family == AF_INET && address->addrlen >= sizeof(struct sockaddr_in)) {
        memcpy(bytes, &((const struct sockaddr_in *)&address->addr)->sin_addr, 4);
        return 4;
    }
    if (address->family == AF_INET6 && address->addrlen >= sizeof(struct sockaddr_in6)) {
        memcpy(bytes, &((const struct sockaddr_in6 *)&address->addr)->sin6_addr, 16);
        return 16;
    }
    return 0;
}
static inline CURLMcode curl_multi_set_number(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}
// The transfer that a message says has ended, and how.
static inline CURLcode curl_multi_outcome(const CURLMsg *message) { return message->data.result; }
