# libwan_cuda.so, the one place with CUDA code: kernels/*.cu and every *_cuda.cpp. Opened with dlopen by engine/runtime.
