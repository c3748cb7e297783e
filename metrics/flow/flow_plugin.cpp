#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include "engine/base/build_info.h"
#include "metrics/flow/flow_library.h"

namespace wan::metrics::flow {
namespace {

// Dense inverse search cuts the picture into as many stripes as OpenCV has threads, and its result depends on them. The number belongs to
// the process, so it is 1 as long as any flow is being computed, and what it was afterwards.
class OneThread {
 public:
  OneThread() {
    const std::lock_guard lock(mutex_);
    if (users_++ > 0) return;
    before_ = cv::getNumThreads();
    cv::setNumThreads(1);
  }
  ~OneThread() {
    const std::lock_guard lock(mutex_);
    if (--users_ == 0) cv::setNumThreads(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  inline static std::mutex mutex_;
  inline static int users_ = 0, before_ = 1;
};

cv::Mat grey(const std::uint8_t* rgb, int height, int width) {
  cv::Mat out;
  cv::cvtColor(cv::Mat(height, width, CV_8UC3, const_cast<std::uint8_t*>(rgb)), out, cv::COLOR_RGB2GRAY);
  return out;
}

void compute(Method method, const std::uint8_t* from, const std::uint8_t* to, int height, int width, float* out) {
  const OneThread one_thread;
  cv::Mat flow;  // dense inverse search would take what it is given for a first guess
  const cv::Mat before = grey(from, height, width), after = grey(to, height, width);
  if (method == Method::farneback)
    cv::calcOpticalFlowFarneback(before, after, flow, 0.5, 3, 15, 3, 5, 1.2, 0);
  else
    cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_FAST)->calc(before, after, flow);
  flow.copyTo(cv::Mat(height, width, CV_32FC2, out));
}

}  // namespace

extern "C" const FlowLibrary* wan_flow_library() {
  static const FlowLibrary kLibrary{.build_id = build_id(), .compute = compute};
  return &kLibrary;
}

}  // namespace wan::metrics::flow
