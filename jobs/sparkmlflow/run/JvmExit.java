package sparkmlflow.run;

/** The shutdown of the JVM; tests replace it. */
interface JvmExit {

  /** Starts the thread at the JVM's shutdown; throws IllegalStateException if that has begun. */
  void register(Thread hook);

  /** Removes the thread; does nothing once the JVM is shutting down. */
  void unregister(Thread hook);

  static JvmExit real() {
    return new JvmExit() {
      @Override
      public void register(Thread hook) {
        Runtime.getRuntime().addShutdownHook(hook);
      }

      @Override
      public void unregister(Thread hook) {
        try {
          Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
          // the hook is running and sees that the run has ended
        }
      }
    };
  }
}
