/* softbox/softbox.h -- the whole public interface.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SOFTBOX_H
#define SBX_SOFTBOX_H

#include "softbox/bound.h"
#include "softbox/constants.h"
#include "softbox/data.h"
#include "softbox/error.h"
#include "softbox/kernel.h"
#include "softbox/mat.h"
#include "softbox/mech.h"
#include "softbox/mech_distance.h"
#include "softbox/mech_error.h"
#include "softbox/net.h"
#include "softbox/norm.h"
#include "softbox/num.h"
#include "softbox/param.h"
#include "softbox/opt.h"
#include "softbox/property.h"
#include "softbox/relax.h"
#include "softbox/report.h"
#include "softbox/status.h"
#include "softbox/study.h"
#include "softbox/verify.h"
#include "softbox/zone.h"

#endif
