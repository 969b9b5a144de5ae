"""Environment quality: air, surface water, waste-water outlets beside their limits, and what reports at all."""
