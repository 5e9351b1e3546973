// libpq and the two Linux headers its event loop needs, which Swift's Glibc module leaves out.
#pragma once
#include <libpq-fe.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
