#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bitwright {

/**
 * Threads that share the parts of one piece of work. TensorFlow's C interface lends its own threads to nobody, so
 * these are others; they sleep while there is nothing to do.
 */
class ThreadPool {
 public:
  explicit ThreadPool(int size) : size_(size < 1 ? 1 : size) {
    for (int part = 1; part < size_; ++part) threads_.emplace_back([this, part] { serve(part); });
  }

  ~ThreadPool() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    started_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  int size() const { return size_; }

  /** Calls `work(part)` for each part from 0 to size() - 1 and returns when all have ended. */
  void run(const std::function<void(int)>& work) {
    std::unique_lock<std::mutex> alone(running_, std::try_to_lock);
    if (size_ == 1 || !alone.owns_lock()) {
      // The threads are busy with another operation: the parts are the same, whoever computes them.
      for (int part = 0; part < size_; ++part) work(part);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      pending_ = size_ - 1;
      ++round_;
    }
    started_.notify_all();
    work(0);
    std::unique_lock<std::mutex> lock(mutex_);
    ended_.wait(lock, [this] { return pending_ == 0; });
  }

 private:
  void serve(int part) {
    long served = 0;
    while (true) {
      const std::function<void(int)>* work;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        started_.wait(lock, [&] { return stopping_ || round_ != served; });
        if (stopping_) return;
        served = round_;
        work = work_;
      }
      (*work)(part);
      std::lock_guard<std::mutex> lock(mutex_);
      if (--pending_ == 0) ended_.notify_one();
    }
  }

  const int size_;
  std::vector<std::thread> threads_;
  std::mutex running_;
  std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable ended_;
  const std::function<void(int)>* work_ = nullptr;
  int pending_ = 0;
  long round_ = 0;
  bool stopping_ = false;
};

}  // namespace bitwright
