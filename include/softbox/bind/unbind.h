/* softbox/bind/unbind.h -- ends an instance begun by softbox/bind/SYSTEM.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#undef NUM
#undef NUM_
#undef FN
#undef NUM_ID
#undef NUM_ENCLOSE
